#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

enum class SourceId : std::uint32_t {};

/// Bytes [begin, end) of one source. The default span points nowhere and is drawn without a line.
struct Span {
    SourceId source{};
    std::uint32_t begin{0};
    std::uint32_t end{0};

    friend bool operator==(const Span&, const Span&) = default;
};

/// Line and column, both from 1. A column counts code points, so that an editor lands on the same place.
struct LineColumn {
    std::uint32_t line{1};
    std::uint32_t column{1};
};

/// The texts that diagnostics point into, by id. Texts are never changed after `add`; references stay valid
/// as long as the map lives. Thread-compatible.
class SourceMap {
public:
    struct Source {
        std::string name;   ///< as it is shown: a path, or "<test>"
        std::string text;
        std::vector<std::uint32_t> line_starts;
    };

    SourceId add(std::string name, std::string text);

    [[nodiscard]] std::string_view name(SourceId id) const;
    [[nodiscard]] std::string_view text(SourceId id) const;
    [[nodiscard]] std::size_t size() const { return sources_.size(); }

    [[nodiscard]] LineColumn locate(SourceId id, std::uint32_t offset) const;
    /// The line that holds `offset`, without its line end.
    [[nodiscard]] std::string_view line(SourceId id, std::uint32_t offset) const;
    [[nodiscard]] std::string_view slice(Span span) const;

private:
    [[nodiscard]] const Source& at(SourceId id) const;
    std::deque<Source> sources_;    // grows without moving what is there
};

}  // namespace tocsin
