#pragma once

#include <string>
#include <string_view>

#include <tocsin/base/result.hpp>
#include <tocsin/event/decode.hpp>

namespace tocsin::streams {

/// An input as it is named on the command line and in alerts.
struct InputSpec {
    std::string name;
    std::string path;  ///< `-` is standard input
};

/// `NAME=PATH`, or PATH with its base name as the name (`-` is named `stdin`). A `=` behind a `/` belongs to the path,
/// so a file with `=` in its name can be given as `./a=b.ndjson`. Fails if NAME or PATH is empty.
[[nodiscard]] Result<InputSpec> parse_input_spec(std::string_view text);

enum class Compression { none, gzip, zstd };

/// By the path's ending: `.gz`, `.zst`, anything else is none.
[[nodiscard]] Compression compression_of(std::string_view path);
/// By the path's ending before that of the compression: `.csv` is CSV, anything else NDJSON.
[[nodiscard]] event::Format format_of(std::string_view path);

}  // namespace tocsin::streams
