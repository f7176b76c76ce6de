#include "help.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <tocsin/alerts/terminal_text.hpp>

namespace tocsin::cli {

namespace {

constexpr std::size_t kHelpWidth = 100;
constexpr std::size_t kColumn = 26;

/// `name` in the left column, the description broken in the right one.
std::string entry(const std::string& name, const std::string& description) {
    std::string out = "  " + name;
    if (out.size() + 2 > kColumn) {
        out += '\n';
        out.append(kColumn, ' ');
    } else {
        out.append(kColumn - out.size(), ' ');
    }
    const auto lines = alerts::wrap(description, kHelpWidth - kColumn, kHelpWidth - kColumn);
    return fmt::format("{}{}\n", out, fmt::join(lines, "\n" + std::string(kColumn, ' ')));
}

/// `table|ndjson|none`, `FILE`, or nothing for a flag.
std::string value_text(const CLI::Option& option) {
    if (option.get_items_expected_max() == 0) {
        return {};
    }
    const auto values = known_values(option);
    if (!values.empty()) {
        return fmt::format("{}", fmt::join(values, "|"));
    }
    const std::string type = option.get_type_name();
    return type.substr(0, type.find(':'));
}

std::string option_text(const CLI::Option& option) {
    std::vector<std::string> names;
    for (const std::string& name : option.get_snames()) {
        names.push_back("-" + name);
    }
    for (const std::string& name : option.get_lnames()) {
        names.push_back("--" + name);
    }
    const std::string value = value_text(option);
    return fmt::format("{}{}{}", fmt::join(names, ", "), value.empty() ? "" : " ", value);
}

}  // namespace

std::vector<std::string> known_values(const CLI::Option& option) {
    const std::string type = option.get_type_name();  // CLI11 shows them as {table,ndjson,none}
    const std::size_t open = type.find('{');
    const std::size_t close = type.find('}');
    if (open == std::string::npos || close == std::string::npos) {
        return {};
    }
    return CLI::detail::split(type.substr(open + 1, close - open - 1), ',');
}

std::string HelpFormatter::make_option(const CLI::Option* option, bool is_positional) const {
    std::string description = option->get_description();
    if (!option->get_default_str().empty()) {
        description += fmt::format(" (default {})", option->get_default_str());
    }
    return entry(is_positional ? option->get_name(true) : option_text(*option), description);
}

std::string HelpFormatter::make_usage(const CLI::App* app, std::string name) const {
    std::string out = "Usage: " + std::move(name);
    for (const CLI::Option* option : app->get_options([](const CLI::Option* o) { return o->nonpositional(); })) {
        if (option->get_required()) {
            out += fmt::format(" {}", option_text(*option).substr(option_text(*option).find("--")));
        }
    }
    out += " [OPTION...]";
    for (const CLI::Option* option : app->get_options([](const CLI::Option* o) { return o->get_positional(); })) {
        const std::string many = option->get_items_expected_max() > 1 ? "..." : "";
        const std::string word = option->get_name(true) + many;
        out += option->get_required() ? " " + word : " [" + word + "]";
    }
    if (!app->get_subcommands([](const CLI::App*) { return true; }).empty()) {
        out += " COMMAND ...";
    }
    return out + "\n";
}

std::string HelpFormatter::make_subcommand(const CLI::App* command) const {
    return entry(command->get_name(), command->get_description());
}

}  // namespace tocsin::cli
