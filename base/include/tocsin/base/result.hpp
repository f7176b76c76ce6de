#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace tocsin {

/// What the world did to us: I/O, a limit, bad bytes. What a user wrote wrong in a rule is a Diagnostic.
enum class Errc {
    io,             ///< open, read, write failed; the message names the file and the system's reason
    bad_data,       ///< bytes that are not what they should be (a truncated archive, a damaged frame)
    limit,          ///< a documented limit was met; the message names it and its value
    unsupported,    ///< asked for something this build or version does not do
    invalid,        ///< an argument outside its contract, from outside the program
};

struct Error {
    Errc code{Errc::invalid};
    std::string message;
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(Errc code, std::string message) {
    return tl::unexpected<Error>(Error{code, std::move(message)});
}

}  // namespace tocsin
