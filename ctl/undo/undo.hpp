// The undo command: takes a repair back, and has the daemon accept it.
#pragma once

#include "exit_code.hpp"
#include "options.hpp"

namespace sshpermd {

/// Without a name it lists what can be undone.
ExitCode undo(const Options& options);

} // namespace sshpermd
