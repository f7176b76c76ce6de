// `tocsin version`.
#include <CLI/CLI.hpp>

#include "command.hpp"

namespace tocsin::cli {

void add_version(CLI::App& app, ExitCode& exit_code) {
    app.add_subcommand("version", "Print the version")->callback([&exit_code] {
        exit_code = print("tocsin " TOCSIN_VERSION "\n");
    });
}

}  // namespace tocsin::cli
