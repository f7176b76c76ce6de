#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tocsin/base/limits.hpp>
#include <tocsin/base/result.hpp>
#include <tocsin/engine/engine.hpp>
#include <tocsin/event/decode.hpp>
#include <tocsin/plan/program.hpp>
#include <tocsin/streams/input.hpp>

namespace tocsin::cli {

/// Whole records of one input of a source.
struct SourceBlock {
    event::Block block;
    std::size_t input{0};  ///< index into Source::inputs()
};

/// Records in the order in which they are to be read: of a file or of standard input, which are one input each, or of the log
/// of a service, which holds those of all its inputs in the order in which they came. next() is for one thread at a time.
class Source {
public:
    Source() = default;
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;
    virtual ~Source() = default;

    [[nodiscard]] virtual const std::vector<engine::Input>& inputs() const = 0;
    /// The next block; nothing at the end. An error comes when what is before it was given, and again with each later call.
    [[nodiscard]] virtual Result<std::optional<SourceBlock>> next() = 0;
    /// Bytes read so far, packed as they are, and all of them where that is known. Safe beside next() only in its own thread.
    [[nodiscard]] virtual std::uint64_t bytes_read() const = 0;
    [[nodiscard]] virtual std::optional<std::uint64_t> total_bytes() const = 0;
    /// Whether it may keep silent for hours, as a pipe does.
    [[nodiscard]] virtual bool live() const = 0;
};

/// What a command line names to be read.
struct InputChoice {
    std::vector<streams::InputSpec> files;
    std::optional<std::string> data;  ///< the folder of a service's store, whose log is read after the files
};

using Sources = std::vector<std::unique_ptr<Source>>;

/// The files in their order, then the log. A log has the inputs that a service with one of these programs would have, as well
/// as all that it holds. `records`: of a block, at most. Fails where one cannot be opened, and where two inputs have one name.
[[nodiscard]] Result<Sources> open_sources(const InputChoice& choice,
                                           std::span<const std::shared_ptr<const plan::Program>> programs, std::size_t records,
                                           const Limits& limits);

/// Of all sources, in their order: event::InputId is the index.
[[nodiscard]] std::vector<engine::Input> inputs_of(const Sources& sources);

}  // namespace tocsin::cli
