#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <tocsin/base/result.hpp>

namespace tocsin::cli {

/// Two stages before the consumer: `read` is called by one thread at a time and gives raw items in order; `prepare` turns
/// each into what the consumer wants, on `workers` threads at once. next() gives the results in the order of reading. At
/// most `depth` items are held or under way. With no workers, all happens inside next().
///
/// The first error of `read` is given when its turn comes and ends the sequence, as does its end (nothing).
/// next() is for one thread; the stages must be safe to call from others. The destructor waits for what is under way.
template <class Raw, class Ready>
class ReadAhead {
public:
    using Read = std::function<Result<std::optional<Raw>>()>;
    using Prepare = std::function<Ready(Raw)>;
    using Slot = Result<std::optional<Ready>>;

    ReadAhead(Read read, Prepare prepare, unsigned workers, std::size_t depth)
        : read_(std::move(read)), prepare_(std::move(prepare)), depth_(depth) {
        threads_.reserve(workers);
        for (unsigned i = 0; i < workers; ++i) {
            threads_.emplace_back([this] { work(); });
        }
    }
    ReadAhead(const ReadAhead&) = delete;
    ReadAhead& operator=(const ReadAhead&) = delete;

    ~ReadAhead() {
        {
            const std::lock_guard lock(mutex_);
            stopped_ = true;
        }
        room_.notify_all();
        for (std::thread& thread : threads_) {
            thread.join();
        }
    }

    /// The next result; nothing at the end, and also when `*interrupted` becomes true while it waits.
    [[nodiscard]] Slot next(const std::atomic<bool>* interrupted = nullptr) {
        if (threads_.empty()) {
            return next_inline();
        }
        constexpr std::chrono::milliseconds kLook{50};
        std::unique_lock lock(mutex_);
        while (ready_.find(taken_) == ready_.end()) {
            if (interrupted != nullptr && interrupted->load()) {
                return std::optional<Ready>{};
            }
            arrived_.wait_for(lock, kLook);
        }
        Slot slot = std::move(ready_.extract(taken_).mapped());
        if (!slot || !*slot) {
            ready_.emplace(taken_, Slot(std::nullopt));  // the end stays the end
            return slot;
        }
        ++taken_;
        lock.unlock();
        room_.notify_one();
        return slot;
    }

private:
    Slot next_inline() {
        if (ended_) {
            return std::optional<Ready>{};
        }
        Result<std::optional<Raw>> raw = read_();
        if (!raw || !*raw) {
            ended_ = true;
            return raw ? Slot(std::nullopt) : Slot(tl::unexpected(raw.error()));
        }
        return std::optional<Ready>(prepare_(std::move(**raw)));
    }

    void work() {
        for (;;) {
            std::uint64_t ticket = 0;
            std::optional<Raw> raw;
            {
                const std::lock_guard reading(reading_);
                {
                    std::unique_lock lock(mutex_);
                    room_.wait(lock, [this] { return stopped_ || ended_ || issued_ < taken_ + depth_; });
                    if (stopped_ || ended_) {
                        return;
                    }
                    ticket = issued_++;
                }
                Result<std::optional<Raw>> got = read_();
                if (!got || !*got) {
                    const std::lock_guard lock(mutex_);
                    ended_ = true;
                    ready_.emplace(ticket, got ? Slot(std::nullopt) : Slot(tl::unexpected(got.error())));
                } else {
                    raw = std::move(**got);
                }
            }
            if (!raw) {
                room_.notify_all();
                arrived_.notify_one();
                return;
            }
            Ready result = prepare_(std::move(*raw));
            {
                const std::lock_guard lock(mutex_);
                ready_.emplace(ticket, std::optional<Ready>(std::move(result)));
            }
            arrived_.notify_one();
        }
    }

    Read read_;
    Prepare prepare_;
    std::size_t depth_;

    std::mutex reading_;  ///< held around read_, taken before mutex_
    std::mutex mutex_;  ///< guards all below
    std::condition_variable room_;
    std::condition_variable arrived_;
    std::map<std::uint64_t, Slot> ready_;  ///< by ticket
    std::uint64_t issued_{0};
    std::uint64_t taken_{0};
    bool ended_{false};
    bool stopped_{false};
    std::vector<std::thread> threads_;
};

}  // namespace tocsin::cli
