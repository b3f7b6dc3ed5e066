// repair and forget: whoever holds the repair lock carries them out, this process or the daemon.
#pragma once

#include "exit_code.hpp"
#include "options.hpp"

namespace sshpermd {

ExitCode repair(const Options& options);

ExitCode forget(const Options& options);

} // namespace sshpermd
