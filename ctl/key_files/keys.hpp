// keys: every line of an account's key files, and which of them sshd ignores.
#pragma once

#include "exit_code.hpp"
#include "options.hpp"

namespace sshpermd {

/// Lists and changes nothing; daemon or not.
ExitCode keys(const Options& options);

} // namespace sshpermd
