#pragma once

#include <string>
#include <vector>

#include <tocsin/base/result.hpp>

#include "exit_code.hpp"
#include "rules.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace tocsin::cli {

// Each adds one command to `app`; when the command line names it, it runs and stores its exit code in `exit_code`,
// which outlives `app`.
void add_replay(CLI::App& app, ExitCode& exit_code);
void add_check(CLI::App& app, ExitCode& exit_code);
void add_fmt(CLI::App& app, ExitCode& exit_code);
void add_test(CLI::App& app, ExitCode& exit_code);
void add_explain(CLI::App& app, ExitCode& exit_code);
void add_backtest(CLI::App& app, ExitCode& exit_code);
void add_advise(CLI::App& app, ExitCode& exit_code);
void add_infer(CLI::App& app, ExitCode& exit_code);
void add_serve(CLI::App& app, ExitCode& exit_code);
void add_deploy(CLI::App& app, ExitCode& exit_code);
void add_rollback(CLI::App& app, ExitCode& exit_code);
void add_rules(CLI::App& app, ExitCode& exit_code);
void add_config(CLI::App& app, ExitCode& exit_code);
void add_log(CLI::App& app, ExitCode& exit_code);
void add_dlq(CLI::App& app, ExitCode& exit_code);
void add_webhook(CLI::App& app, ExitCode& exit_code);
void add_generate(CLI::App& app, ExitCode& exit_code);
void add_version(CLI::App& app, ExitCode& exit_code);
void add_completion(CLI::App& app, ExitCode& exit_code);

/// `--rules PATH`, as often as wanted. Further rule paths may stand among the arguments, see move_rule_paths.
CLI::Option* add_rules_option(CLI::App& command, std::vector<std::string>& paths);

/// `--data DIR`, the folder of a service's store.
CLI::Option* add_data_option(CLI::App& command, std::string& data);

/// `--limit NAME=NUMBER`, on every command that reads rules or records.
void add_limit_option(CLI::App& command, std::vector<std::string>& assignments);

/// `--data DIR`: the log of a service as one more input.
void add_data_input(CLI::App& command, std::string& folder);

/// Says what went wrong on standard error.
ExitCode report(const Error& error);

/// Writes all of `text` to standard output.
[[nodiscard]] ExitCode print(const std::string& text, ExitCode then = ExitCode::fine);

/// Loads rules for a command that runs them: errors and warnings are drawn on standard error. Rules with errors end the
/// command with ExitCode::bad_rule.
[[nodiscard]] tl::expected<Rules, ExitCode> load_to_run(const std::vector<std::string>& paths, const Limits& limits);

}  // namespace tocsin::cli
