// `tocsin completion`: scripts for the shells.
#include <functional>
#include <memory>

#include <CLI/CLI.hpp>

#include "command.hpp"
#include "completion.hpp"

namespace tocsin::cli {

namespace {

ExitCode run_completion(const std::string& shell, const CLI::App& app) {
    if (shell == "bash") {
        return print(bash_completion(app));
    }
    return print(shell == "zsh" ? zsh_completion(app) : fish_completion(app));
}

}  // namespace

void add_completion(CLI::App& app, ExitCode& exit_code) {
    const auto shell = std::make_shared<std::string>();
    CLI::App* command = app.add_subcommand("completion", "Print a completion script for a shell");
    command->add_option("SHELL", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
    command->footer(
        "Examples:\n"
        "  source <(tocsin completion bash)\n"
        "  tocsin completion fish > ~/.config/fish/completions/tocsin.fish");
    command->callback([shell, &app, &exit_code] { exit_code = run_completion(*shell, app); });
}

}  // namespace tocsin::cli
