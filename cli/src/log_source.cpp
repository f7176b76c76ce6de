#include "log_source.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include <tocsin/service/processor.hpp>
#include <tocsin/state/store.hpp>

namespace tocsin::cli {

namespace {

/// Blocks that are held for the reader.
constexpr std::size_t kAhead = 8;

/// The names of a service's inputs, in its order: that of the records that name none, those that streams read `from`, and what
/// else the log holds.
std::vector<engine::Input> inputs_of_log(std::span<const std::shared_ptr<const plan::Program>> programs,
                                         const state::Position& position) {
    std::vector<engine::Input> inputs;
    const auto add = [&](const std::string& name) {
        if (std::ranges::find(inputs, name, &engine::Input::name) == inputs.end()) {
            inputs.push_back({name, event::Format::ndjson});
        }
    };
    add(service::kDefaultInput);
    for (const auto& program : programs) {
        for (const plan::StreamPlan& stream : program->streams) {
            if (stream.from) {
                add(*stream.from);
            }
        }
    }
    for (const auto& [input, offset] : position.inputs) {
        add(input);
    }
    return inputs;
}

class LogSource final : public Source {
public:
    LogSource(std::unique_ptr<state::Store> store, std::vector<engine::Input> inputs, std::size_t records)
        : store_(std::move(store)), inputs_(std::move(inputs)), records_(records), thread_([this] { read(); }) {}
    ~LogSource() override {
        {
            const std::lock_guard lock(mutex_);
            stopped_ = true;
        }
        room_.notify_one();
        thread_.join();
    }

    [[nodiscard]] const std::vector<engine::Input>& inputs() const override { return inputs_; }
    [[nodiscard]] std::uint64_t bytes_read() const override { return bytes_; }
    [[nodiscard]] std::optional<std::uint64_t> total_bytes() const override { return std::nullopt; }
    [[nodiscard]] bool live() const override { return false; }
    [[nodiscard]] Result<std::optional<SourceBlock>> next() override;

private:
    void read();
    /// Takes a chunk: it goes with those before it as long as they continue each other.
    [[nodiscard]] Result<void> take(const state::Chunk& chunk);
    /// Waits for room. An error where nobody reads any more, which ends the visit and is given to nobody.
    [[nodiscard]] Result<void> hand_over();

    std::unique_ptr<state::Store> store_;
    std::vector<engine::Input> inputs_;
    std::size_t records_;
    state::Chunk pending_;  ///< of the thread: chunks put together
    std::uint64_t bytes_{0};  ///< of the reader

    std::mutex mutex_;  ///< guards all below but the thread
    std::condition_variable room_;
    std::condition_variable arrived_;
    std::deque<state::Chunk> ready_;
    bool stopped_{false};
    bool ended_{false};
    std::optional<Error> failure_;
    std::thread thread_;  // last: it uses the others
};

Result<void> LogSource::hand_over() {
    if (pending_.records == 0) {
        return {};
    }
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return stopped_ || ready_.size() < kAhead; });
    if (stopped_) {
        return fail(Errc::io, "nobody reads the log any more");
    }
    ready_.push_back(std::exchange(pending_, {}));
    lock.unlock();
    arrived_.notify_one();
    return {};
}

Result<void> LogSource::take(const state::Chunk& chunk) {
    const bool continues = pending_.input == chunk.input && pending_.offset + pending_.records == chunk.offset;
    if (!continues || pending_.records >= records_) {
        if (const auto handed = hand_over(); !handed) {
            return handed;
        }
        pending_ = chunk;
        return {};
    }
    pending_.records += chunk.records;
    pending_.lines += chunk.lines;
    return {};
}

void LogSource::read() {
    const auto visited = store_->each_chunk([this](const state::Chunk& chunk) { return take(chunk); });
    const auto handed = hand_over();
    {
        const std::lock_guard lock(mutex_);
        ended_ = true;
        if (!visited && handed) {
            failure_ = visited.error();
        }
    }
    arrived_.notify_one();
}

Result<std::optional<SourceBlock>> LogSource::next() {
    state::Chunk chunk;
    {
        std::unique_lock lock(mutex_);
        arrived_.wait(lock, [this] { return ended_ || !ready_.empty(); });
        if (ready_.empty()) {
            return failure_ ? tl::unexpected(*failure_) : Result<std::optional<SourceBlock>>(std::nullopt);
        }
        chunk = std::move(ready_.front());
        ready_.pop_front();
    }
    room_.notify_one();
    bytes_ += chunk.lines.size();
    const auto input = std::ranges::find(inputs_, chunk.input, &engine::Input::name);
    if (input == inputs_.end()) {
        return fail(Errc::bad_data, "the log has records of an input that was not there when it was opened: " + chunk.input);
    }
    return std::optional(SourceBlock{event::make_block(std::move(chunk.lines), chunk.offset),
                                     static_cast<std::size_t>(input - inputs_.begin())});
}

}  // namespace

Result<std::unique_ptr<Source>> open_log(const std::string& folder,
                                         std::span<const std::shared_ptr<const plan::Program>> programs, std::size_t records) {
    auto store = state::open_store(folder, state::Access::read);
    if (!store) {
        return tl::unexpected(store.error());
    }
    const auto position = (*store)->position();
    if (!position) {
        return tl::unexpected(position.error());
    }
    return std::make_unique<LogSource>(std::move(*store), inputs_of_log(programs, *position), records);
}

}  // namespace tocsin::cli
