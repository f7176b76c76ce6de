#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <yaml-cpp/yaml.h>

#include <tocsin/base/result.hpp>
#include <tocsin/delivery/schedule.hpp>

namespace tocsin::service {

/// Collects what is wrong in a YAML file.
class YamlErrors {
public:
    explicit YamlErrors(std::string path) : path_(std::move(path)) {}
    void add(const YAML::Mark& mark, std::string_view what);
    [[nodiscard]] bool empty() const { return errors_.empty(); }
    /// A line each, in the order of their places.
    [[nodiscard]] std::string text() const;

private:
    std::string path_;
    std::vector<std::pair<YAML::Mark, std::string>> errors_;
};

/// One mapping of a YAML file: each key is asked for once, and what nobody asked for is an error with the nearest known key.
/// A value that is not what its key wants is noted, and leaves the target as it is.
class YamlSection {
public:
    YamlSection(YAML::Node node, std::string name, YamlErrors& errors);

    void text(const char* key, std::string& target);
    void boolean(const char* key, bool& target);
    void number(const char* key, unsigned& target, unsigned least, unsigned most);
    void fraction(const char* key, double& target);  ///< from 0 to 1
    void bytes(const char* key, std::uint64_t& target, std::uint64_t least);  ///< `16MiB`, or a plain number
    void duration(const char* key, delivery::Millis& target);  ///< `15s`, more than nothing
    void durations(const char* key, std::vector<delivery::Millis>& target);
    /// One text or a list of them.
    void texts(const char* key, std::vector<std::string>& target);
    void section(const char* key, const std::function<void(YamlSection&)>& read);
    /// A list of mappings.
    void sections(const char* key, const std::function<void(YamlSection&)>& read);

    [[nodiscard]] bool has(const char* key) const;
    void error(std::string_view what) { errors_.add(mark_, what); }
    void error_at(const char* key, std::string_view what);
    /// After the last key.
    void finish();

private:
    /// Nothing for a key that is not there or null.
    [[nodiscard]] YAML::Node take(const char* key);
    [[nodiscard]] bool is_text(const YAML::Node& node, const char* key, const char* wanted);
    [[nodiscard]] std::string path_of(std::string_view key) const;

    YAML::Node node_;
    YAML::Mark mark_;
    std::string name_;
    YamlErrors& errors_;
    std::vector<std::string> known_;
};

}  // namespace tocsin::service
