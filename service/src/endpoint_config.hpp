#pragma once

#include <functional>
#include <string>

#include <tocsin/service/config.hpp>

#include "yaml_section.hpp"

/// The settings of what alerts are delivered to.
namespace tocsin::service {

/// `webhooks`, `files` and `syslog`.
void read_endpoints(YamlSection& section, Config& config);
/// All paths in them.
void each_endpoint_path(Config& config, const std::function<void(std::string&)>& visit);
/// As YAML that read_endpoints reads, with every key.
[[nodiscard]] std::string show_endpoints(const Config& config);

}  // namespace tocsin::service
