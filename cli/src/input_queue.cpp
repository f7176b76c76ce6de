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
    SourceBlock part;
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

/// By target. All inputs of a source have one format.
std::vector<std::unique_ptr<DecoderPool>> decoders_for(const Source& source, const std::vector<QueueTarget>& targets,
                                                       const Limits& limits) {
    std::vector<std::unique_ptr<DecoderPool>> decoders;
    for (const QueueTarget& target : targets) {
        decoders.push_back(std::make_unique<DecoderPool>(source.inputs().front().format, *target.projection, limits));
    }
    return decoders;
}

}  // namespace

struct InputQueue::Impl {
    Impl(std::unique_ptr<Source> opened, std::vector<QueueTarget> engines, const QueueOptions& options)
        : source(std::move(opened)),
          targets(std::move(engines)),
          first_input(static_cast<std::uint32_t>(options.first_input)),
          decoders(decoders_for(*source, targets, options.limits)),
          ahead([this] { return read(); }, [this](const RawBlock& raw) { return prepare(raw); }, options.workers,
                kDepthPerWorker * options.workers) {}

    Result<std::optional<RawBlock>> read() {
        auto part = source->next();
        if (!part) {
            return tl::unexpected(part.error());
        }
        if (!*part) {
            return std::optional<RawBlock>{};
        }
        return std::optional<RawBlock>(RawBlock{std::move(**part), source->bytes_read()});
    }

    PreparedBlock prepare(const RawBlock& raw) {
        PreparedBlock block;
        block.input = event::InputId{first_input + static_cast<std::uint32_t>(raw.part.input)};
        block.bytes_read = raw.bytes_read;
        for (std::size_t i = 0; i < targets.size(); ++i) {
            event::Batch batch = decoders[i]->decode(block.input, raw.part.block);
            block.errors = std::move(batch.errors());
            block.batches.push_back(targets[i].engine->prepare(std::move(batch)));
        }
        return block;
    }

    std::unique_ptr<Source> source;
    std::vector<QueueTarget> targets;
    std::uint32_t first_input;
    std::vector<std::unique_ptr<DecoderPool>> decoders;  ///< by target
    ReadAhead<RawBlock, PreparedBlock> ahead;  // last: its threads use the others
};

InputQueue::InputQueue(std::unique_ptr<Source> source, std::vector<QueueTarget> targets, const QueueOptions& options)
    : impl_(std::make_unique<Impl>(std::move(source), std::move(targets), options)) {}
InputQueue::InputQueue(InputQueue&&) noexcept = default;
InputQueue& InputQueue::operator=(InputQueue&&) noexcept = default;
InputQueue::~InputQueue() = default;

Result<std::optional<PreparedBlock>> InputQueue::next(const std::atomic<bool>& interrupted) {
    return impl_->ahead.next(&interrupted);
}

}  // namespace tocsin::cli
