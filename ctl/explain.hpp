// explain: would sshd accept a user's key, and if not, why?
#pragma once

#include "exit_code.hpp"
#include "options.hpp"

namespace sshpermd {

/// Looks, and changes nothing; daemon or not. 0 accepted, 1 refused, 5 cannot be told.
ExitCode explain(const Options& options);

} // namespace sshpermd
