#pragma once

#include <memory>

#include "exit_code.hpp"

namespace CLI {
class App;
}

namespace tocsin::cli {

/// The whole command line. `exit_code` receives what a command gives and outlives the app.
[[nodiscard]] std::unique_ptr<CLI::App> make_app(ExitCode& exit_code);

/// Parses and runs; reports what goes wrong on standard error.
[[nodiscard]] ExitCode run(int argc, const char* const* argv);

}  // namespace tocsin::cli
