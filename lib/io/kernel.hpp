// Kernel: the newer system calls by their numbers, and which of them this machine lets us use.
#pragma once

#include "policy/mode.hpp"

#include <cstdint>
#include <string>

struct statx;

namespace sshpermd {

/// What this kernel, under this sandbox, can do. A filter may answer ENOSYS or EPERM for a call it
/// does not know; both mean absent.
struct Kernel {
    bool openat2 = false;   ///< 5.6; systemd's RestrictSUIDSGID= takes it away
    bool fchmodat2 = false; ///< 6.6
    bool proc = false;      ///< /proc is mounted: the way to chmod without fchmodat2

    /// Without either way to set a mode on a held descriptor nothing can be repaired.
    bool can_repair() const { return fchmodat2 || proc; }

    static Kernel detect();
};

/// Does this errno of a newer call mean that there is no such call?
bool is_absent(int error);

enum class MountBoundary { stay, cross };

/// Opens one name below `dir` with O_PATH, never following a link, never leaving `dir`; at a mount
/// point fails with EXDEV when told to stay. Returns a descriptor, or -1 with errno.
int open_beneath(const Kernel& kernel, int dir, const char* name, MountBoundary boundary);

/// Opens a path as if `root` were the root directory: links and ".." stay below it, and those of
/// /proc are not followed (openat2 alone can do it). Returns a descriptor, or -1 with errno.
int open_in_root(int root, const char* path, int flags);

/// open_beneath() for a name that a listing of `dir` gave, which never leaves it: one name, and not
/// "..". At a mount point it fails with EXDEV. Cheaper where a million of them are opened: nothing
/// is kept from leading out (RESOLVE_BENEATH, which also waits for whoever renames) that does not.
int open_listed(const Kernel& kernel, int dir, const char* name);

/// chmod on an O_PATH descriptor. Returns 0, or -1 with errno.
int change_mode(const Kernel& kernel, int fd, Mode mode);

/// Whom a look may wait for: the server of a network or FUSE file system, or nobody.
enum class Consult { server, nobody };

/// statx on an O_PATH descriptor: not libc's, which calls fstat where it is absent (before 4.11, or
/// under a filter), and waits. Returns 0, or -1 with errno.
int statx_held(int fd, Consult consult, unsigned mask, struct statx& about);

/// The same for one name in `dir`, which is not followed when it is a link. What is mounted there
/// is looked at: stx_attributes says so (STATX_ATTR_MOUNT_ROOT, since 5.8).
int statx_named(int dir, const char* name, Consult consult, unsigned mask, struct statx& about);

/// The id of the mount that an O_PATH descriptor stands on, asked without waiting for any file
/// system's server (statx AT_STATX_DONT_SYNC; fdinfo before 5.8). -1 with errno where that cannot
/// be told.
std::int64_t mount_id(int fd);

/// Microseconds since 1970 by the clock that file systems take their times from.
std::int64_t coarse_now_us();

/// "/proc/self/fd/N".
std::string proc_path(int fd);

} // namespace sshpermd
