// Clock digits: the time of now as the options of keys say it.
#pragma once

#include "keys/key_options.hpp"

namespace sshpermd {

/// What the clock says now, for expiry-time.
ClockDigits clock_digits();

} // namespace sshpermd
