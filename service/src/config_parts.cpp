#include "config_parts.hpp"

#include <algorithm>

namespace tocsin::service {

SecretSource read_source(YamlSection& section) {
    SecretSource source;
    std::string file;
    std::string env;
    section.text("file", file);
    section.text("env", env);
    if (file.empty() == env.empty()) {
        section.error("a secret is {file: PATH} or {env: NAME}");
    }
    return env.empty() ? SecretSource{SecretSource::Kind::file, file} : SecretSource{SecretSource::Kind::env, env};
}

void read_name(YamlSection& section, std::string& name, std::set<std::string>& names) {
    section.text("name", name);
    const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
    });
    if (!plain) {
        section.error("'name' wants letters, digits and _ - .");
    } else if (!names.insert(name).second) {
        section.error_at("name", fmt::format("there are two with the name '{}'", name));
    }
}

std::string yaml_text(const std::string& text) {
    std::string out = "'";
    for (const char c : text) {
        out += c;
        out += c == '\'' ? "'" : "";
    }
    return out + "'";
}

std::string shown(const SecretSource& source) {
    return fmt::format("{{{}: {}}}", source.kind == SecretSource::Kind::file ? "file" : "env", yaml_text(source.name));
}

std::string list_of(const std::vector<std::string>& items) {
    std::string out;
    for (const std::string& item : items) {
        out += (out.empty() ? "" : ", ") + item;
    }
    return "[" + out + "]";
}

}  // namespace tocsin::service
