// Clock digits: now, as the options of a key write it.
#pragma once

#include "keys/key_options.hpp"

namespace sshpermd {

/// What the clock says now, for expiry-time.
ClockDigits clock_digits();

} // namespace sshpermd
