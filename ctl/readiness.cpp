#include "readiness.hpp"

#include <sys/statvfs.h>
#include <unistd.h>

namespace sshpermd {
namespace {

bool is_read_only(const char* path) {
    struct statvfs about {};
    return statvfs(path, &about) == 0 && (about.f_flag & ST_RDONLY) != 0;
}

} // namespace

std::optional<std::string> what_is_missing(Need need) {
    if (access("/proc/self/mountinfo", F_OK) != 0)
        return "/proc is not mounted: mount -t proc proc /proc";
    // Where only root's own file system is read-only, as in an appliance, the homes may be changed.
    if (need == Need::writable && is_read_only("/run"))
        return is_read_only("/") ? "/ is read-only: mount -o remount,rw /"
                                 : "/run is read-only: mount -t tmpfs tmpfs /run";
    if (need == Need::writable && is_read_only("/") && is_read_only("/home"))
        return "/ is read-only: mount -o remount,rw /";
    return std::nullopt;
}

} // namespace sshpermd
