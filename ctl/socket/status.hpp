// The commands status and ping: how the running daemon is.
#pragma once

#include "exit_code.hpp"
#include "options.hpp"

namespace sshpermd {

ExitCode status(const Options& options);

/// How long one question takes, to the loop that repairs and back.
ExitCode ping(const Options& options);

} // namespace sshpermd
