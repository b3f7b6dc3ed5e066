// config show and config check.
#pragma once

#include "exit_code.hpp"
#include "options.hpp"

namespace sshpermd {

/// Prints the configuration in force, defaults included.
ExitCode config_show(const Options& options);

/// Says whether the configuration can be used.
ExitCode config_check(const Options& options);

} // namespace sshpermd
