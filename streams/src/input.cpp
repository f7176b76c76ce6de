#include <tocsin/streams/input.hpp>

namespace tocsin::streams {
namespace {

std::string_view base_name(std::string_view path) {
    const std::size_t slash = path.find_last_of('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace

Result<InputSpec> parse_input_spec(std::string_view text) {
    const std::size_t equals = text.find('=');
    const bool named = equals != std::string_view::npos && text.substr(0, equals).find('/') == std::string_view::npos;
    const std::string_view path = named ? text.substr(equals + 1) : text;
    std::string_view name = named ? text.substr(0, equals) : base_name(path);
    if (!named && path == "-") {
        name = "stdin";
    }
    if (name.empty() || path.empty()) {
        return fail(Errc::invalid, "'" + std::string(text) + "' is no input: NAME=PATH, PATH or - was expected");
    }
    return InputSpec{std::string(name), std::string(path)};
}

Compression compression_of(std::string_view path) {
    if (path.ends_with(".gz")) {
        return Compression::gzip;
    }
    return path.ends_with(".zst") ? Compression::zstd : Compression::none;
}

event::Format format_of(std::string_view path) {
    switch (compression_of(path)) {
        case Compression::gzip: path.remove_suffix(3); break;
        case Compression::zstd: path.remove_suffix(4); break;
        case Compression::none: break;
    }
    return path.ends_with(".csv") ? event::Format::csv : event::Format::ndjson;
}

}  // namespace tocsin::streams
