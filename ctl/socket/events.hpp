// The command events: what the daemon and sshpermctl have done and found, from the record.
#pragma once

#include "exit_code.hpp"
#include "options.hpp"

namespace sshpermd {

/// The last events, or those since a moment; with `follow` also those to come, over restarts of the
/// daemon, each of them once.
ExitCode events(const Options& options);

} // namespace sshpermd
