// A daemon whom the kernel allows only so many inotify watches.
#pragma once

#include "daemon.hpp"

#include <sys/types.h>

namespace system_tests {

/// Its command line: in a user namespace with a limit of its own. It waits there for map_ids().
CommandLine with_few_watches(int watches, const Arguments& arguments);

/// Gives that namespace all ids as they are. False as long as it is not there.
bool map_ids(pid_t pid);

/// Another limit for a daemon that runs.
void allow_watches(pid_t pid, int watches);

} // namespace system_tests
