#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tocsin/base/result.hpp>
#include <tocsin/plan/program.hpp>
#include <tocsin/streams/input.hpp>

namespace tocsin::cli {

/// The key that `user=ann,ip=1.2.3.4` means for the rule, as matcher::encode_key makes it. A comma that no `name=`
/// follows belongs to the value before it.
[[nodiscard]] Result<std::string> parse_key(const plan::RulePlan& rule, const std::string& text);
/// The other way round: `user="ann", ip=1.2.3.4`.
[[nodiscard]] std::string key_values(const plan::RulePlan& rule, const std::string& key);

/// A record by its input, by index, and offset.
struct RecordName {
    std::size_t input{0};
    std::uint64_t offset{0};
};
/// `[INPUT:]OFFSET`; the input may be left out where there is one alone.
[[nodiscard]] Result<RecordName> parse_record_name(const std::string& text, const std::vector<streams::InputSpec>& inputs);

}  // namespace tocsin::cli
