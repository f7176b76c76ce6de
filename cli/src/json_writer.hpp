#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tocsin::cli {

/// Writes one JSON value, indented by two blanks a level, members in the order given. Legal calls follow JSON's grammar:
/// inside an object `key` before each value; every begin has its end. Owned by one thread.
class JsonWriter {
public:
    JsonWriter& begin_object();
    JsonWriter& end_object();
    JsonWriter& begin_array();
    JsonWriter& end_array();
    JsonWriter& key(std::string_view name);

    JsonWriter& string(std::string_view text);
    JsonWriter& number(std::uint64_t value);
    JsonWriter& signed_number(std::int64_t value);
    /// With three digits behind the point; not finite becomes null.
    JsonWriter& number(double value);
    JsonWriter& boolean(bool value);
    JsonWriter& null();
    /// A value that is already JSON.
    JsonWriter& json(std::string_view text);

    /// The text with a line end.
    [[nodiscard]] std::string finish() &&;

private:
    void open(char bracket);
    void close(char bracket);
    void separate();

    std::string out_;
    std::size_t depth_{0};
    bool first_{true};  ///< nothing yet in the innermost object or array
    bool after_key_{false};
};

}  // namespace tocsin::cli
