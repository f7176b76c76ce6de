#include "input_queue.hpp"

#include <mutex>
#include <utility>

#include <tocsin/event/decode.hpp>

#include "read_ahead.hpp"

namespace tocsin::cli {

namespace {

/// Blocks held for each worker: one being prepared, one waiting for the engine.
constexpr std::size_t kDepthPerWorker = 2;

struct RawBlock {
    event::Block block;
    std::uint64_t bytes_read;
};

/// Decoders are for one thread at a time and keep their buffers: handed out and taken back.
class DecoderPool {
public:
    DecoderPool(event::Format format, event::Projection projection, const Limits& limits)
        : format_(format), projection_(std::move(projection)), limits_(limits) {}

    [[nodiscard]] event::Batch decode(event::InputId input, const event::Block& block) {
        event::Decoder decoder = take();
        event::Batch batch = decoder.decode(input, block);
        const std::lock_guard lock(mutex_);
        free_.push_back(std::move(decoder));
        return batch;
    }

private:
    [[nodiscard]] event::Decoder take() {
        {
            const std::lock_guard lock(mutex_);
            if (!free_.empty()) {
                event::Decoder decoder = std::move(free_.back());
                free_.pop_back();
                return decoder;
            }
        }
        return {format_, projection_, limits_};
    }

    event::Format format_;
    event::Projection projection_;
    Limits limits_;
    std::mutex mutex_;
    std::vector<event::Decoder> free_;
};

}  // namespace

struct InputQueue::Impl {
    Impl(streams::BlockReader opened, const engine::Engine& target, const event::Projection& projection,
         const QueueOptions& options)
        : reader(std::move(opened)),
          decoders(reader.format(), projection, options.limits),
          ahead([this] { return read(); },
                [this, &target, input = options.input](const RawBlock& raw) { return prepare(target, input, raw); },
                options.workers, kDepthPerWorker * options.workers) {}

    Result<std::optional<RawBlock>> read() {
        auto block = reader.next();
        if (!block) {
            return tl::unexpected(block.error());
        }
        if (!*block) {
            return std::optional<RawBlock>{};
        }
        return std::optional<RawBlock>(RawBlock{std::move(**block), reader.bytes_read()});
    }

    PreparedBlock prepare(const engine::Engine& target, event::InputId input, const RawBlock& raw) {
        event::Batch batch = decoders.decode(input, raw.block);
        std::vector<event::RecordError> errors = std::move(batch.errors());
        return {target.prepare(std::move(batch)), std::move(errors), raw.bytes_read};
    }

    streams::BlockReader reader;
    DecoderPool decoders;
    ReadAhead<RawBlock, PreparedBlock> ahead;  // last: its threads use the others
};

InputQueue::InputQueue(streams::BlockReader reader, const engine::Engine& engine, const event::Projection& projection,
                       const QueueOptions& options)
    : impl_(std::make_unique<Impl>(std::move(reader), engine, projection, options)) {}
InputQueue::InputQueue(InputQueue&&) noexcept = default;
InputQueue& InputQueue::operator=(InputQueue&&) noexcept = default;
InputQueue::~InputQueue() = default;

Result<std::optional<PreparedBlock>> InputQueue::next(const std::atomic<bool>& interrupted) {
    return impl_->ahead.next(&interrupted);
}

}  // namespace tocsin::cli
