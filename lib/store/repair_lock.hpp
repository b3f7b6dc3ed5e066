// The repair lock: whoever changes anything on this machine holds it.
#pragma once

#include "io/unique_fd.hpp"

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace sshpermd {

/// Held from construction to destruction, by a lock on a file that the kernel drops with the
/// process, however it ends.
class RepairLock {
  public:
    explicit RepairLock(UniqueFd fd) : fd_(std::move(fd)) {}

  private:
    UniqueFd fd_;
};

/// Somebody else repairs.
struct LockHolder {
    std::optional<pid_t> pid; ///< as the holder wrote it
};

inline constexpr const char* lock_path = "/run/sshpermd/lock";
/// Of who repairs sshd itself, which is no business of the daemon's.
inline constexpr const char* sshd_lock_path = "/run/sshpermd/sshd.lock";

/// Never waits. Throws std::system_error when the lock file cannot be made.
std::variant<RepairLock, LockHolder> take_repair_lock(const char* path = lock_path);

} // namespace sshpermd
