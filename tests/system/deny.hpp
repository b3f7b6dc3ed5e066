// System calls that a sandbox, or an older kernel, does not have, or that are the last of a
// process.
#pragma once

#include "daemon.hpp"

#include <csignal>
#include <string>
#include <sys/types.h>

namespace system_tests {

/// A daemon to whom the kernel answers `error` (EPERM or ENOSYS) for each of `calls`
/// ("openat2,fchmodat2,statx"), from its first instruction on.
CommandLine without_calls(const std::string& error, const std::string& calls,
                          const Arguments& command);

/// The program in between, which main() starts when its first argument is this.
constexpr const char* deny_word = "--deny-calls";
[[noreturn]] void deny_and_become(char** arguments);

/// A command that the kernel ends, as SIGKILL would, at its first fchownat to `uid` with just these
/// flags (death_at_chown.hpp), with this status.
CommandLine dying_at_chown_to(uid_t uid, int flags, const Arguments& command);
constexpr int death_status = 128 + SIGSYS;

constexpr const char* die_word = "--die-at-chown";
[[noreturn]] void become_one_that_dies(char** arguments);

} // namespace system_tests
