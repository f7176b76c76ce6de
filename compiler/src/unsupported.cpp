#include <fmt/format.h>

#include "draft.hpp"

namespace tocsin::compiler {

namespace {

void refuse(Load& load, const char* code, Span span, std::string_view what, std::string hint = {}) {
    load.report.error(code, span, fmt::format("not supported yet: {}", what), std::move(hint));
}

void refuse_in_rule(Load& load, const dsl::RuleDecl& rule) {
    if (rule.window && !rule.when) {
        refuse(load, "E0501", rule.window->span, "`window` rules");
    }
    if (rule.emit && rule.emit->value == dsl::Emit::early) {
        refuse(load, "E0505", rule.emit->span, "`emit early`", "leave it out: the alerts are final then");
    }
    if (rule.lateness && rule.lateness->value != Duration(0)) {
        refuse(load, "E0506", rule.lateness->span, "`lateness`", "a larger `slack` of the stream waits for late events");
    }
    if (rule.throttle) {
        refuse(load, "E0507", rule.throttle->span, "`throttle`");
    }
}

}  // namespace

void refuse_unsupported(Load& load, const dsl::File& file) {
    for (const dsl::Declaration& declaration : file.declarations) {
        if (const auto* rule = std::get_if<dsl::RuleDecl>(&declaration)) {
            refuse_in_rule(load, *rule);
        }
    }
}

}  // namespace tocsin::compiler
