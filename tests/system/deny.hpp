// System calls that a sandbox, or an older kernel, does not have, or that are the last of a
// process.
#pragma once

#include "daemon.hpp"
#include "death_at_call.hpp"

#include <string>

namespace system_tests {

/// A daemon to whom the kernel answers `error` (EPERM or ENOSYS) for each of `calls`
/// ("openat2,fchmodat2,statx"), from its first instruction on.
CommandLine without_calls(const std::string& error, const std::string& calls,
                          const Arguments& command);

/// The program in between, which main() starts when its first argument is this.
constexpr const char* deny_word = "--deny-calls";
[[noreturn]] void deny_and_become(char** arguments);

/// A command that the kernel ends, as SIGKILL would, at the first such call.
CommandLine dying_at(const tests::Call& call, const Arguments& command);

constexpr const char* die_word = "--die-at";
[[noreturn]] void become_one_that_dies(char** arguments);

} // namespace system_tests
