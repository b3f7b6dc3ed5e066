// Mounts: what is mounted where, from /proc/self/mountinfo, and which of it always answers.
#pragma once

#include "io/unique_fd.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace sshpermd {

/// Is this a local block or memory file system, by its name in mountinfo? The calls of network and
/// FUSE file systems may never return: their server would hold us in the kernel for ever.
bool is_local_type(std::string_view file_system);

/// A line of mountinfo.
struct Mount {
    std::int64_t id = -1;
    std::string place; ///< where it is mounted
    std::string type;  ///< of the file system
};
std::vector<Mount> parse_mountinfo(std::string_view text);

/// A field of mountinfo or fstab as it is meant: "\\040" in it is a blank (getmntent(3)).
std::string unescaped(std::string_view field);

/// A descriptor that is ready with POLLPRI when mounts change; nothing without /proc. Each change
/// is told once to each descriptor opened like this, so whoever waits needs one of its own.
UniqueFd open_mountinfo();

/// The same of the machine's first process: a service has a mount namespace of its own
/// (PrivateMounts=), which a mount comes into, but no word of a remount.
UniqueFd open_mountinfo_of_init();

/// The mounts of this namespace. Asks the kernel before every answer whether they changed, so an
/// answer is never older than the question.
class Mounts {
  public:
    Mounts();

    /// False for network and FUSE file systems, and for what cannot be known.
    bool is_local(std::int64_t mount_id);

    /// Readable with POLLPRI when mounts change; -1 without /proc. Still owned by this.
    int fd() const { return mountinfo_.get(); }

  private:
    bool changed() const;
    void read();

    UniqueFd mountinfo_;
    std::unordered_set<std::int64_t> local_;
    bool known_ = false;
};

} // namespace sshpermd
