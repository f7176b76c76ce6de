#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tocsin/base/limits.hpp>
#include <tocsin/base/result.hpp>
#include <tocsin/engine/engine.hpp>
#include <tocsin/event/batch.hpp>
#include <tocsin/streams/block_reader.hpp>

namespace tocsin::cli {

/// A block of an input, read, decoded and with its predicates evaluated.
struct PreparedBlock {
    engine::PreparedBatch batch;
    std::vector<event::RecordError> errors;
    std::uint64_t bytes_read{0};  ///< of the input, up to and with this block
};

struct QueueOptions {
    event::InputId input{};
    unsigned workers{0};  ///< threads that read and prepare ahead; 0: all happens in next()
    Limits limits{};
};

/// One input on its way to the engine. The engine must outlive it; next() is for one thread.
class InputQueue {
public:
    InputQueue(streams::BlockReader reader, const engine::Engine& engine, const event::Projection& projection,
               const QueueOptions& options);
    InputQueue(InputQueue&&) noexcept;
    InputQueue& operator=(InputQueue&&) noexcept;
    ~InputQueue();

    /// The next block in order; nothing at the end, or when `interrupted` becomes true while it waits.
    [[nodiscard]] Result<std::optional<PreparedBlock>> next(const std::atomic<bool>& interrupted);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::cli
