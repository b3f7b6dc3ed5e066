// Failure: what a system call could not do, as an exception.
#pragma once

#include <string>

namespace sshpermd {

/// Throws std::system_error with a number of errno(3) and what was being done, such as "cannot open
/// /run/x".
[[noreturn]] void fail(int error, const std::string& doing);

} // namespace sshpermd
