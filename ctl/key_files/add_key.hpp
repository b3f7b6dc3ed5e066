// sshpermctl add-key: lets a key in, in the file that sshd reads.
#pragma once

#include "exit_code.hpp"
#include "options.hpp"

namespace sshpermd {

/// By the running daemon, or here where none runs.
ExitCode add_key(const Options& options);

} // namespace sshpermd
