// The canary: a file of ours that is changed to see whether its change is reported.
#pragma once

#include "system/handle.hpp"

namespace sshpermd {

inline constexpr const char* canary_path = "/run/sshpermd/canary";

/// Its directory, to be watched; made if need be. Throws std::system_error, also when anybody but
/// root could change what is in it.
Handle open_canary_dir();

/// Sets the mode of the file in it, which always makes an IN_ATTRIB. Throws std::system_error.
void touch_canary(const Handle& dir);

} // namespace sshpermd
