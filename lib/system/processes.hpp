// Processes: who runs, as whom, and where in the file system.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace sshpermd {

struct Process {
    pid_t pid = 0;
    std::string name;          ///< as the kernel has it, at most 15 bytes
    uid_t uid = 0;             ///< with which it reaches files
    std::vector<gid_t> groups; ///< all of them
    std::vector<std::string>
        places; ///< its working directory, root and open files, by absolute names
};

/// Goes over the processes of a proc file system, each with its directory there ("/proc/1"), until
/// `each` returns false.
void for_each_pid(const std::string& proc,
                  const std::function<bool(pid_t pid, const std::string& dir)>& each);

/// Goes over all processes of a proc file system. Places that may not be seen are left out, and so
/// is a process that ends meanwhile. Never opens what a process has open.
void for_each_process(const std::string& proc, const std::function<void(const Process&)>& each);

} // namespace sshpermd
