#pragma once

#include <string>

namespace CLI {
class App;
}

namespace tocsin::cli {

// Completion scripts, made from the command line itself, so that they cannot fall behind it.
[[nodiscard]] std::string bash_completion(const CLI::App& app);
[[nodiscard]] std::string zsh_completion(const CLI::App& app);
[[nodiscard]] std::string fish_completion(const CLI::App& app);

}  // namespace tocsin::cli
