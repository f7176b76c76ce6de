#include "completion.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "help.hpp"

namespace tocsin::cli {

namespace {

struct Choice {
    std::string option;  ///< `--format`
    std::string description;
    bool takes_value{false};
    std::vector<std::string> values;  ///< the words it takes, where they are known
};

struct Command {
    std::string name;
    std::string description;
    std::vector<Choice> options;
    std::vector<std::string> words;  ///< the words that its first argument takes, where they are known
};

Command describe(const CLI::App& app) {
    Command command{app.get_name(), app.get_description(), {}, {}};
    for (const CLI::Option* option : app.get_options()) {
        if (option->get_positional()) {
            const auto words = known_values(*option);
            command.words.insert(command.words.end(), words.begin(), words.end());
        }
        for (const std::string& name : option->get_lnames()) {
            command.options.push_back(
                {"--" + name, option->get_description(), option->get_items_expected_max() > 0, known_values(*option)});
        }
    }
    return command;
}

std::vector<Command> describe_commands(const CLI::App& app) {
    std::vector<Command> commands;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        commands.push_back(describe(*command));
    }
    return commands;
}

template <class Items, class Text>
std::string joined(const Items& items, Text text) {
    std::string out;
    for (const auto& item : items) {
        out += (out.empty() ? "" : " ") + text(item);
    }
    return out;
}

std::string option_words(const Command& command) {
    return joined(command.options, [](const Choice& choice) { return choice.option; });
}

/// Text inside single quotes, which no shell here can escape in the same way: quotes, brackets and colons are left out.
std::string quoted_text(std::string_view text) {
    std::string out;
    std::copy_if(text.begin(), text.end(), std::back_inserter(out),
                 [](char c) { return std::string_view("'[]:\\").find(c) == std::string_view::npos; });
    return out;
}

}  // namespace

std::string bash_completion(const CLI::App& app) {
    const auto commands = describe_commands(app);
    std::string cases;
    for (const Command& command : commands) {
        std::string values;
        for (const Choice& choice : command.options) {
            if (!choice.values.empty()) {
                values +=
                    fmt::format("                {}) words=\"{}\" only=1 ;;\n", choice.option, fmt::join(choice.values, " "));
            }
        }
        cases += fmt::format("        {})\n            words=\"{}\"\n", command.name, option_words(command));
        if (!command.words.empty()) {
            cases +=
                fmt::format("            [[ $current == -* ]] || {{ words=\"{}\"; only=1; }}\n", fmt::join(command.words, " "));
        }
        if (!values.empty()) {
            cases += "            case $previous in\n" + values + "            esac\n";
        }
        cases += "            ;;\n";
    }
    return fmt::format(R"(# bash completion for tocsin: source it, or put it into a bash-completion folder
_tocsin() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD - 1]}} words="" only=""
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        mapfile -t COMPREPLY < <(compgen -W "{0} {1}" -- "$current")
        return
    fi
    case ${{COMP_WORDS[1]}} in
{2}    esac
    if [[ -n $only || $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
    else
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
    fi
}}
complete -o filenames -F _tocsin tocsin
)",
                       joined(commands, [](const Command& command) { return command.name; }), option_words(describe(app)),
                       cases);
}

std::string zsh_completion(const CLI::App& app) {
    const auto commands = describe_commands(app);
    std::string names;
    std::string cases;
    for (const Command& command : commands) {
        names += fmt::format("        '{}:{}'\n", command.name, quoted_text(command.description));
        cases += fmt::format("        {})\n            _arguments \\\n", command.name);
        for (const Choice& choice : command.options) {
            std::string action;
            if (!choice.values.empty()) {
                action = fmt::format(":value:({})", fmt::join(choice.values, " "));
            } else if (choice.takes_value) {
                action = ":value:_files";
            }
            cases += fmt::format("                '*{}[{}]{}' \\\n", choice.option, quoted_text(choice.description), action);
        }
        const std::string words = command.words.empty() ? "_files" : fmt::format("({})", fmt::join(command.words, " "));
        cases += fmt::format("                '*:argument:{}'\n            ;;\n", words);
    }
    return fmt::format(R"(#compdef tocsin
# zsh completion for tocsin: put it as _tocsin into a folder of $fpath
_tocsin() {{
    local -a commands=(
{})
    if (( CURRENT == 2 )); then
        _describe command commands
        return
    fi
    local command=$words[2]
    shift words
    (( CURRENT-- ))
    case $command in
{}    esac
}}
_tocsin "$@"
)",
                       names, cases);
}

std::string fish_completion(const CLI::App& app) {
    std::string out = "# fish completion for tocsin: put it as tocsin.fish into ~/.config/fish/completions\n";
    for (const Command& command : describe_commands(app)) {
        out += fmt::format("complete -c tocsin -n __fish_use_subcommand -f -a {} -d '{}'\n", command.name,
                           quoted_text(command.description));
        const std::string here = fmt::format("complete -c tocsin -n '__fish_seen_subcommand_from {}'", command.name);
        if (!command.words.empty()) {
            out += fmt::format("{} -f -a '{}'\n", here, fmt::join(command.words, " "));
        }
        for (const Choice& choice : command.options) {
            const std::string value = !choice.values.empty() ? fmt::format(" -x -a '{}'", fmt::join(choice.values, " "))
                                      : choice.takes_value   ? " -r"
                                                             : "";
            out += fmt::format("{} -l {} -d '{}'{}\n", here, choice.option.substr(2), quoted_text(choice.description), value);
        }
    }
    return out;
}

}  // namespace tocsin::cli
