// config suggest: the overrides for homes that must stay open to somebody.
#pragma once

#include "exit_code.hpp"
#include "options.hpp"

namespace sshpermd {

/// Prints a configuration with an override for each home that somebody else uses today and that the
/// policy in force would close to him, and for each that sshd confines its account to.
ExitCode config_suggest(const Options& options);

} // namespace sshpermd
