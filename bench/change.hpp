// One change as a user would make it, and the time until a watcher has undone it.
#pragma once

#include <chrono>
#include <string>

#include <sys/types.h>

namespace bench {

/// What is broken, and how: readable for others, or writable too, when what sshd may trust has to
/// be judged before it is made right.
struct Break {
    const char* name;
    const char* target; ///< its name in an event
    const char* below_home;
    mode_t right;
    mode_t broken;
};

inline constexpr Break breaks[] = {
    {"authorized_keys 0644", "authorized_keys", "/.ssh/authorized_keys", 0600, 0644},
    {"ssh_dir 0755", "ssh_dir", "/.ssh", 0700, 0755},
    {"authorized_keys 0666", "authorized_keys", "/.ssh/authorized_keys", 0600, 0666},
    {"ssh_dir 0777", "ssh_dir", "/.ssh", 0700, 0777},
};

/// Breaks the target below `home` and polls it until its mode is right again. Returns
/// the microseconds from the return of chmod. Throws when it takes more than two seconds.
double break_and_wait(const std::string& home, const Break& change);

/// Binds this process to one processor and, when `first`, puts it before all normal processes.
void take_processor(int processor, bool first);

/// What a running process has used so far.
struct Usage {
    double cpu_us;
    long resident_kib;
    long own_kib; ///< RssAnon of proc(5)
};
Usage usage_of(pid_t process);

} // namespace bench
