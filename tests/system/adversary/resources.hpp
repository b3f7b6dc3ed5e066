// What a process holds, from /proc.
#pragma once

#include <compare>
#include <cstddef>
#include <sys/types.h>

namespace system_tests::adversary {

struct Resources {
    std::size_t resident_kib = 0;
    std::size_t descriptors = 0;
    std::size_t watches = 0; ///< of inotify
};

Resources resources(pid_t pid);

} // namespace system_tests::adversary
