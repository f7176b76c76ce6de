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

#include "source.hpp"

namespace tocsin::cli {

/// An engine that records are for, and the fields that its program reads. Both outlive the queue.
struct QueueTarget {
    const engine::Engine* engine{nullptr};
    const event::Projection* projection{nullptr};
};

/// A block of an input, read once, and for each target decoded and with its predicates evaluated.
struct PreparedBlock {
    event::InputId input{};
    std::vector<engine::PreparedBatch> batches;  ///< by target: all have the same rows
    std::vector<event::RecordError> errors;  ///< what can be read does not depend on the target
    std::uint64_t bytes_read{0};  ///< of the source, up to and with this block
};

struct QueueOptions {
    event::InputId first_input{};  ///< the id of the source's first input; the others follow
    unsigned workers{0};  ///< threads that read and prepare ahead; 0: all happens in next()
    Limits limits{};
};

/// One source on its way to one engine or several. next() is for one thread.
class InputQueue {
public:
    InputQueue(std::unique_ptr<Source> source, std::vector<QueueTarget> targets, const QueueOptions& options);
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
