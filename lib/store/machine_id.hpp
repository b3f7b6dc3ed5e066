// The machine's id: what tells this machine from one that was copied from it.
#pragma once

#include <string>

namespace sshpermd {

/// "machine:" and the 32 digits of /etc/machine-id. Where there is none yet (an image that was
/// sealed: missing, empty or "uninitialized"), "boot:" and the kernel's boot id: what is kept under
/// it outlasts a restart of the daemon, and is another machine's after the next boot. Empty when
/// neither can be read.
std::string machine_id(const std::string& machine_file = "/etc/machine-id",
                       const std::string& boot_file = "/proc/sys/kernel/random/boot_id");

} // namespace sshpermd
