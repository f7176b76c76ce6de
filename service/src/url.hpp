#pragma once

#include <map>
#include <string>
#include <string_view>

namespace tocsin::service {

/// Splits a request's target into its path and its query, both with %xx (and + in the query) decoded.
void split_target(std::string_view target, std::string& path, std::map<std::string, std::string>& query);

}  // namespace tocsin::service
