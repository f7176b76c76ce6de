#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace tocsin::cli {

/// The words that an option takes, where they are known: `table ndjson none`.
[[nodiscard]] std::vector<std::string> known_values(const CLI::Option& option);

/// Help with descriptions broken to lines of kHelpWidth, and with the words that an option takes beside its name.
class HelpFormatter : public CLI::Formatter {
public:
    std::string make_option(const CLI::Option* option, bool is_positional) const override;
    std::string make_usage(const CLI::App* app, std::string name) const override;
    std::string make_subcommand(const CLI::App* command) const override;
};

}  // namespace tocsin::cli
