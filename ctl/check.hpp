// check and repair: the same survey with and without a hand.
#pragma once

#include "exit_code.hpp"
#include "options.hpp"

namespace sshpermd {

/// Looks and changes nothing.
ExitCode check(const Options& options);

/// Shows what repair would do.
ExitCode repair_dry_run(const Options& options);

/// Repairs, unless a daemon that does so is running.
ExitCode repair(const Options& options);

} // namespace sshpermd
