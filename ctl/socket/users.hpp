// The command users: how each account stands.
#pragma once

#include "exit_code.hpp"
#include "options.hpp"

namespace sshpermd {

ExitCode users(const Options& options);

} // namespace sshpermd
