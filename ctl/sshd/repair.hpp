// sshpermctl repair --sshd: what sshd itself needs to start, when somebody asks for just that.
#pragma once

#include "exit_code.hpp"
#include "options.hpp"

namespace sshpermd {

/// Only reports with --dry-run. Never restarts sshd, and never asks the daemon.
ExitCode repair_sshd(const Options& options);

} // namespace sshpermd
