#include <tocsin/matcher/executor.hpp>

#ifdef TOCSIN_EXECUTOR_THREADS
#include <atomic>
#include <thread>
#include <vector>
#else
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>
#endif

namespace tocsin::matcher {
namespace {

class InPlace final : public Executor {
public:
    void run(std::size_t count, const std::function<void(std::size_t)>& task) override {
        for (std::size_t i = 0; i < count; ++i) {
            task(i);
        }
    }
};

#ifdef TOCSIN_EXECUTOR_THREADS

class Threads final : public Executor {
public:
    explicit Threads(unsigned threads) : threads_(threads) {}

    void run(std::size_t count, const std::function<void(std::size_t)>& task) override {
        std::atomic<std::size_t> next{0};
        std::vector<std::jthread> workers;
        for (unsigned t = 0; t < threads_; ++t) {
            workers.emplace_back([&] {
                for (std::size_t i = next++; i < count; i = next++) {
                    task(i);
                }
            });
        }
    }

private:
    unsigned threads_;
};
using Parallel = Threads;

#else

class Tbb final : public Executor {
public:
    explicit Tbb(unsigned threads)
        : allowed_(tbb::global_control::max_allowed_parallelism, threads), arena_(static_cast<int>(threads)) {}

    void run(std::size_t count, const std::function<void(std::size_t)>& task) override {
        arena_.execute([&] { tbb::parallel_for(std::size_t{0}, count, [&](std::size_t i) { task(i); }); });
    }

private:
    tbb::global_control allowed_;       ///< more threads than cores are what the caller asked for
    tbb::task_arena arena_;
};
using Parallel = Tbb;

#endif

}  // namespace

std::unique_ptr<Executor> make_executor(unsigned threads) {
    if (threads <= 1) {
        return std::make_unique<InPlace>();
    }
    return std::make_unique<Parallel>(threads);
}

}  // namespace tocsin::matcher
