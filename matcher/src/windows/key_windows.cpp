#include "key_windows.hpp"

#include <utility>

#include "fixed_windows.hpp"
#include "revisable_sliding.hpp"
#include "session_windows.hpp"
#include "sliding_window.hpp"

namespace tocsin::matcher {

std::unique_ptr<KeyWindows> make_key_windows(WindowRule& rule, std::string key) {
    switch (rule.window().kind) {
        case plan::WindowPlan::Kind::fixed: return std::make_unique<FixedWindows>(rule, std::move(key));
        case plan::WindowPlan::Kind::session: return std::make_unique<SessionWindows>(rule, std::move(key));
        case plan::WindowPlan::Kind::sliding: break;
    }
    if (rule.revisable()) {
        return std::make_unique<RevisableSliding>(rule, std::move(key));
    }
    return std::make_unique<SlidingWindow>(rule, std::move(key));
}

}  // namespace tocsin::matcher
