// Undo in words: what was asked, what came of it, and what can be undone.
#pragma once

#include "event/undo.hpp"
#include "exit_code.hpp"
#include "options.hpp"

#include <vector>

namespace sshpermd {

/// Prints it as asked for, and says what it means to a script.
ExitCode tell(const Undo& undo, const Options& options);

/// The newest first.
void print_repairs(const std::vector<PastRepair>& repairs, const Options& options);

/// Asks at the terminal; false for anything but a clear yes.
bool is_confirmed(const PastRepair& repair);

} // namespace sshpermd
