// repair --create: a home or a .ssh that is missing.
#pragma once

#include "exit_code.hpp"
#include "options.hpp"

namespace sshpermd {

ExitCode create(const Options& options);

} // namespace sshpermd
