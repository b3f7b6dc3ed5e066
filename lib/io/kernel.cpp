#include "io/kernel.hpp"

#include "io/unique_fd.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <ctime>
#include <string_view>

namespace sshpermd {
namespace {

// Numbers of their own: glibc wraps openat2 nowhere and fchmodat2 only since 2.39. From 424 on
// every architecture has the same.
constexpr long nr_openat2 = 437;
constexpr long nr_fchmodat2 = 452;

int call_openat2(int dir, const char* name, std::uint64_t resolve,
                 int flags = O_PATH | O_NOFOLLOW | O_CLOEXEC) {
    open_how how{};
    how.flags = static_cast<decltype(how.flags)>(flags);
    how.resolve = resolve;
    return static_cast<int>(syscall(nr_openat2, dir, name, &how, sizeof how));
}

int flags_of(Consult consult) {
    return AT_SYMLINK_NOFOLLOW | (consult == Consult::nobody ? AT_STATX_DONT_SYNC : 0);
}

std::int64_t mount_id_of_fdinfo(int fd) {
    const auto path = "/proc/self/fdinfo/" + std::to_string(fd);
    const UniqueFd info{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    std::array<char, 512> buffer{};
    const auto length = info ? read(info.get(), buffer.data(), buffer.size()) : -1;
    const std::string_view text{buffer.data(), static_cast<std::size_t>(std::max(length, {}))};
    constexpr std::string_view key = "mnt_id:\t";
    const auto at = text.find(key);
    std::int64_t id = -1;
    if (at != std::string_view::npos) {
        const auto digits = text.substr(at + key.size());
        std::from_chars(digits.data(), digits.data() + digits.size(), id);
    }
    errno = ENODATA; // never the ENOENT of a missing /proc: that would be about the file
    return id;
}

/// The way before openat2: equal for a single name, with the mounts compared before anything asks
/// the file system.
int open_beneath_by_openat(int dir, const char* name, MountBoundary boundary) {
    UniqueFd fd{openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC)};
    if (!fd || boundary == MountBoundary::cross)
        return fd.release();
    const auto there = mount_id(fd.get());
    const auto here = mount_id(dir);
    if (there < 0 || here < 0)
        return -1;
    if (there != here) {
        errno = EXDEV;
        return -1;
    }
    return fd.release();
}

} // namespace

bool is_absent(int error) { return error == ENOSYS || error == EPERM; }

Kernel Kernel::detect() {
    Kernel kernel;
    // A descriptor that cannot be: EBADF comes only from a call that exists.
    kernel.openat2 = call_openat2(-1, "x", RESOLVE_BENEATH) == -1 && !is_absent(errno);
    kernel.fchmodat2 = syscall(nr_fchmodat2, -1, "", 0, AT_EMPTY_PATH) == -1 && !is_absent(errno);
    kernel.proc = access("/proc/self/fd", F_OK) == 0;
    return kernel;
}

int open_in_root(int root, const char* path, int flags) {
    return call_openat2(root, path, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS, flags | O_CLOEXEC);
}

int open_beneath(const Kernel& kernel, int dir, const char* name, MountBoundary boundary) {
    if (!kernel.openat2)
        return open_beneath_by_openat(dir, name, boundary);
    std::uint64_t resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    if (boundary == MountBoundary::stay)
        resolve |= RESOLVE_NO_XDEV;
    int fd = -1;
    do { // RESOLVE_BENEATH answers EAGAIN while somebody renames
        fd = call_openat2(dir, name, resolve);
    } while (fd < 0 && errno == EAGAIN);
    return fd;
}

int open_listed(const Kernel& kernel, int dir, const char* name) {
    const std::string_view text = name;
    if (!kernel.openat2 || text == ".." || text.find('/') != std::string_view::npos)
        return open_beneath(kernel, dir, name, MountBoundary::stay);
    return call_openat2(dir, name, RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV);
}

int change_mode(const Kernel& kernel, int fd, Mode mode) {
    if (kernel.fchmodat2)
        return static_cast<int>(syscall(nr_fchmodat2, fd, "", mode.bits(), AT_EMPTY_PATH));
    return chmod(proc_path(fd).c_str(), mode.bits());
}

int statx_held(int fd, Consult consult, unsigned mask, struct statx& about) {
    return static_cast<int>(
        syscall(SYS_statx, fd, "", AT_EMPTY_PATH | flags_of(consult), mask, &about));
}

int statx_named(int dir, const char* name, Consult consult, unsigned mask, struct statx& about) {
    return static_cast<int>(
        syscall(SYS_statx, dir, name, AT_NO_AUTOMOUNT | flags_of(consult), mask, &about));
}

std::int64_t mount_id(int fd) {
    struct statx about {};
    const int result = statx_held(fd, Consult::nobody, STATX_MNT_ID, about);
    if (result == 0 && (about.stx_mask & STATX_MNT_ID) != 0)
        return static_cast<std::int64_t>(about.stx_mnt_id);
    return mount_id_of_fdinfo(fd);
}

std::int64_t coarse_now_us() {
    timespec now{};
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    return now.tv_sec * 1'000'000 + now.tv_nsec / 1000;
}

std::string proc_path(int fd) { return "/proc/self/fd/" + std::to_string(fd); }

} // namespace sshpermd
