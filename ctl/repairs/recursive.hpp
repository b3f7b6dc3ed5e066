// repair --recursive: the chain first, as always, then everything below the home that is not the
// account's, as far as handing it over is safe.
#pragma once

#include "exit_code.hpp"
#include "options.hpp"

namespace sshpermd {

ExitCode repair_recursively(const Options& options);

} // namespace sshpermd
