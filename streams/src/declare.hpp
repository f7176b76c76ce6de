#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <tocsin/streams/infer.hpp>

#include "profile.hpp"

namespace tocsin::streams {

/// A name for the language: `failed_password` and `auth.ndjson.gz` give FailedPassword and Auth.
[[nodiscard]] std::string camel_case(std::string_view text);
/// A file's name without the endings that say what is in it.
[[nodiscard]] std::string_view without_endings(std::string_view file);
/// In backticks where the language would not take it for a name.
[[nodiscard]] std::string quoted_name(std::string_view name);

struct StreamName {
    std::string name;  ///< as `$stream` or camel_case gives it
    std::string type_tag;  ///< the value of `type` that makes a record one of this stream; empty: no condition
};

/// The declaration of one stream, with a line end.
[[nodiscard]] std::string declare(const StreamName& name, const StreamProfile& profile);

/// The field that `declare` would give as the time.
[[nodiscard]] std::optional<InferredTime> time_of(const StreamProfile& profile);

}  // namespace tocsin::streams
