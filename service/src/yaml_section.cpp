#include "yaml_section.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include <fmt/format.h>

#include <tocsin/base/diagnostic.hpp>
#include <tocsin/base/time.hpp>

namespace tocsin::service {

namespace {

template <class Number>
bool parse_number(std::string_view text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
}

bool parse_bytes(std::string_view text, std::uint64_t& bytes) {
    struct Unit {
        std::string_view name;
        int shift;
    };
    int shift = 0;
    for (const Unit& unit : {Unit{"KiB", 10}, Unit{"MiB", 20}, Unit{"GiB", 30}, Unit{"TiB", 40}}) {
        if (text.ends_with(unit.name)) {
            text.remove_suffix(unit.name.size());
            shift = unit.shift;
        }
    }
    std::uint64_t number = 0;
    if (!parse_number(text, number) || number > (~std::uint64_t{0} >> shift)) {
        return false;
    }
    bytes = number << shift;
    return true;
}

bool parse_wait(const std::string& text, delivery::Millis& wait) {
    const auto duration = parse_duration(text);
    if (!duration || *duration < delivery::Millis(1)) {
        return false;
    }
    wait = std::chrono::floor<delivery::Millis>(*duration);
    return true;
}

}  // namespace

void YamlErrors::add(const YAML::Mark& mark, std::string_view what) { errors_.emplace_back(mark, what); }

std::string YamlErrors::text() const {
    auto sorted = errors_;
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first.pos < b.first.pos; });
    std::string text;
    for (const auto& [mark, what] : sorted) {
        text += fmt::format("{}{}:{}:{}: {}", text.empty() ? "" : "\n", path_, mark.line + 1, mark.column + 1, what);
    }
    return text;
}

YamlSection::YamlSection(YAML::Node node, std::string name, YamlErrors& errors)
    : node_(std::move(node)), mark_(node_.Mark()), name_(std::move(name)), errors_(errors) {
    if (!node_.IsMap() && !node_.IsNull()) {
        errors_.add(mark_, name_.empty() ? std::string("a config is keys and values")
                                         : fmt::format("'{}' wants keys and values", name_));
        node_ = YAML::Node(YAML::NodeType::Map);
    }
}

std::string YamlSection::path_of(std::string_view key) const {
    return name_.empty() ? std::string(key) : fmt::format("{}.{}", name_, key);
}

YAML::Node YamlSection::take(const char* key) {
    known_.emplace_back(key);
    return has(key) ? std::as_const(node_)[key] : YAML::Node();
}

bool YamlSection::has(const char* key) const {
    return node_.IsMap() && std::as_const(node_)[key] && !std::as_const(node_)[key].IsNull();
}

void YamlSection::error_at(const char* key, std::string_view what) {
    errors_.add(has(key) ? std::as_const(node_)[key].Mark() : mark_, what);
}

bool YamlSection::is_text(const YAML::Node& node, const char* key, const char* wanted) {
    if (!node.IsDefined() || node.IsNull()) {
        return false;
    }
    if (!node.IsScalar()) {
        errors_.add(node.Mark(), fmt::format("'{}' wants {}", path_of(key), wanted));
        return false;
    }
    return true;
}

void YamlSection::text(const char* key, std::string& target) {
    const YAML::Node node = take(key);
    if (is_text(node, key, "a text")) {
        target = node.Scalar();
    }
}

void YamlSection::boolean(const char* key, bool& target) {
    constexpr const char* kWanted = "true or false";
    const YAML::Node node = take(key);
    if (!is_text(node, key, kWanted)) {
        return;
    }
    if (node.Scalar() != "true" && node.Scalar() != "false") {
        error_at(key, fmt::format("'{}' wants {}", path_of(key), kWanted));
        return;
    }
    target = node.Scalar() == "true";
}

void YamlSection::number(const char* key, unsigned& target, unsigned least, unsigned most) {
    const std::string wanted = fmt::format("a whole number from {} to {}", least, most);
    const YAML::Node node = take(key);
    if (!is_text(node, key, wanted.c_str())) {
        return;
    }
    unsigned number = 0;
    if (!parse_number(node.Scalar(), number) || number < least || number > most) {
        error_at(key, fmt::format("'{}' wants {}", path_of(key), wanted));
        return;
    }
    target = number;
}

void YamlSection::fraction(const char* key, double& target) {
    constexpr const char* kWanted = "a number from 0 to 1";
    const YAML::Node node = take(key);
    if (!is_text(node, key, kWanted)) {
        return;
    }
    double number = 0;
    if (!parse_number(node.Scalar(), number) || !(number >= 0 && number <= 1)) {
        error_at(key, fmt::format("'{}' wants {}", path_of(key), kWanted));
        return;
    }
    target = number;
}

void YamlSection::bytes(const char* key, std::uint64_t& target, std::uint64_t least) {
    const std::string wanted = fmt::format("a number of bytes, as in 16MiB, from {}", least);
    const YAML::Node node = take(key);
    if (!is_text(node, key, wanted.c_str())) {
        return;
    }
    std::uint64_t bytes = 0;
    if (!parse_bytes(node.Scalar(), bytes) || bytes < least) {
        error_at(key, fmt::format("'{}' wants {}", path_of(key), wanted));
        return;
    }
    target = bytes;
}

void YamlSection::duration(const char* key, delivery::Millis& target) {
    constexpr const char* kWanted = "a time with its unit, as in 500ms, 15s, 5m, 2h";
    const YAML::Node node = take(key);
    if (is_text(node, key, kWanted) && !parse_wait(node.Scalar(), target)) {
        error_at(key, fmt::format("'{}' wants {}", path_of(key), kWanted));
    }
}

void YamlSection::durations(const char* key, std::vector<delivery::Millis>& target) {
    if (!has(key)) {
        known_.emplace_back(key);
        return;
    }
    std::vector<std::string> parts;
    texts(key, parts);
    std::vector<delivery::Millis> waits(parts.size());
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (!parse_wait(parts[i], waits[i])) {
            error_at(key, fmt::format("'{}' wants times with their units, as in [5s, 5m, 2h]", path_of(key)));
            return;
        }
    }
    target = std::move(waits);
}

void YamlSection::texts(const char* key, std::vector<std::string>& target) {
    const YAML::Node node = take(key);
    if (!node.IsDefined() || node.IsNull()) {
        return;
    }
    std::vector<std::string> texts;
    for (const YAML::Node& part :
         node.IsSequence() ? std::vector<YAML::Node>(node.begin(), node.end()) : std::vector<YAML::Node>{node}) {
        if (!is_text(part, key, "a text or a list of texts")) {
            return;
        }
        texts.push_back(part.Scalar());
    }
    target = std::move(texts);
}

void YamlSection::section(const char* key, const std::function<void(YamlSection&)>& read) {
    const YAML::Node node = take(key);
    if (node.IsDefined() && !node.IsNull()) {
        YamlSection inner(node, path_of(key), errors_);
        read(inner);
        inner.finish();
    }
}

void YamlSection::sections(const char* key, const std::function<void(YamlSection&)>& read) {
    const YAML::Node node = take(key);
    if (!node.IsDefined() || node.IsNull()) {
        return;
    }
    if (!node.IsSequence()) {
        error_at(key, fmt::format("'{}' wants a list", path_of(key)));
        return;
    }
    for (const YAML::Node& part : node) {
        YamlSection inner(part, path_of(key), errors_);
        read(inner);
        inner.finish();
    }
}

void YamlSection::finish() {
    if (!node_.IsMap()) {
        return;
    }
    std::set<std::string> seen;
    for (const auto& entry : node_) {
        const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : std::string();
        if (!seen.insert(key).second) {
            errors_.add(entry.first.Mark(), fmt::format("'{}' stands here twice", path_of(key)));
        }
        if (std::find(known_.begin(), known_.end(), key) == known_.end()) {
            std::vector<std::string_view> words(known_.begin(), known_.end());
            const std::string_view meant = nearest(key, words);
            errors_.add(entry.first.Mark(), meant.empty()
                                                ? fmt::format("no key '{}'", path_of(key))
                                                : fmt::format("no key '{}'; did you mean '{}'?", path_of(key), meant));
        }
    }
}

}  // namespace tocsin::service
