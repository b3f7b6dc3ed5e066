// The commands pause, resume, reload and metrics: what the daemon is told to do, and its numbers.
#pragma once

#include "exit_code.hpp"
#include "options.hpp"

namespace sshpermd {

ExitCode pause(const Options& options);
ExitCode resume(const Options& options);
ExitCode reload(const Options& options);
ExitCode metrics(const Options& options);

} // namespace sshpermd
