// check and repair --dry-run: a survey without a hand, in this process, daemon or not.
#pragma once

#include "exit_code.hpp"
#include "options.hpp"

namespace sshpermd {

/// Looks and changes nothing.
ExitCode check(const Options& options);

/// Shows what repair would do.
ExitCode repair_dry_run(const Options& options);

} // namespace sshpermd
