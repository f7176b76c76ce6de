#pragma once

namespace tocsin::cli {

/// What the command tells its caller; documented in docs/cli.md.
enum class ExitCode : int {
    fine = 0,
    failed = 1,  ///< a test or a finding failed
    bad_rule = 2,  ///< a rule is wrong
    trouble = 3,  ///< wrong usage, or I/O
};

}  // namespace tocsin::cli
