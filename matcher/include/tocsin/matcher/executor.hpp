#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace tocsin::matcher {

/// Runs independent tasks side by side. Tasks do not throw and do not wait for each other.
class Executor {
public:
    virtual ~Executor() = default;
    /// Calls task(0) … task(count - 1), each once; returns when all are done.
    virtual void run(std::size_t count, const std::function<void(std::size_t)>& task) = 0;
};

/// In the caller's thread for one thread; else on oneTBB, or on plain threads in a build for ThreadSanitizer (it cannot see
/// into an uninstrumented oneTBB and reports races that are none).
[[nodiscard]] std::unique_ptr<Executor> make_executor(unsigned threads);

}  // namespace tocsin::matcher
