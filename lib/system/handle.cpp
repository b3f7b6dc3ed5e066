#include "system/handle.hpp"

#include "finding/exposure.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <span>
#include <system_error>

namespace sshpermd {
namespace {

FileType type_of(unsigned mode) {
    switch (mode & S_IFMT) {
    case S_IFDIR: return FileType::dir;
    case S_IFLNK: return FileType::symlink;
    case S_IFIFO: return FileType::fifo;
    case S_IFSOCK: return FileType::socket;
    case S_IFCHR: return FileType::character;
    case S_IFBLK: return FileType::block;
    default: return FileType::file;
    }
}

/// An O_PATH descriptor has no fgetxattr; /proc leads to the same inode. What cannot be read counts
/// as granting, unless there is nothing to read.
void add_acl(int fd, Observed& observed) {
    std::array<std::byte, 8192> attribute{};
    const auto length = getxattr(proc_path(fd).c_str(), "system.posix_acl_access", attribute.data(),
                                 attribute.size());
    if (length < 0 && (errno == ENODATA || errno == ENOTSUP))
        return;
    observed.has_acl = true;
    observed.acl_grants_write =
        length < 0 ||
        acl_grants_write(std::span{attribute}.first(static_cast<std::size_t>(length)));
}

Opened failed_to_open(const std::string& name) {
    switch (errno) {
    case ENOENT: return Missing{};
    case EXDEV: return Refusal{RefusalReason::other_file_system};
    case ELOOP: return Refusal{RefusalReason::symlink};
    case ENOTDIR: return Refusal{RefusalReason::wrong_type};
    default: throw std::system_error(errno, std::generic_category(), "open " + name);
    }
}

/// Without statx nobody says whether it is immutable: then changing it fails.
Observed observed_of(const struct stat& about) {
    Observed observed;
    observed.type = type_of(about.st_mode);
    observed.mode = Mode{about.st_mode};
    observed.owner = about.st_uid;
    observed.group = about.st_gid;
    observed.inode = about.st_ino;
    observed.links = static_cast<std::uint32_t>(about.st_nlink);
    observed.changed_us = about.st_ctim.tv_sec * 1'000'000 + about.st_ctim.tv_nsec / 1000;
    return observed;
}

Observed observed_of(const struct statx& about) {
    Observed observed;
    observed.type = type_of(about.stx_mode);
    observed.mode = Mode{about.stx_mode};
    observed.owner = about.stx_uid;
    observed.group = about.stx_gid;
    observed.inode = about.stx_ino;
    observed.links = about.stx_nlink;
    observed.changed_us = about.stx_ctime.tv_sec * 1'000'000 + about.stx_ctime.tv_nsec / 1000;
    observed.immutable = (about.stx_attributes & (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND)) != 0;
    return observed;
}

} // namespace

Observed Handle::observe() const {
    struct statx about {};
    if (statx_held(fd_.get(), Consult::server, STATX_BASIC_STATS, about) == 0)
        return observed_of(about);
    struct stat known {};
    if (!is_absent(errno) || fstat(fd_.get(), &known) != 0)
        throw std::system_error(errno, std::generic_category(), "look at the file");
    return observed_of(known);
}

std::pair<std::optional<Observed>, std::int64_t> Handle::observe_with_mount() const {
    struct statx about {};
    if (statx_held(fd_.get(), Consult::nobody, STATX_BASIC_STATS | STATX_MNT_ID, about) != 0)
        return {std::nullopt, mount_id(fd_.get())};
    const bool has_mount = (about.stx_mask & STATX_MNT_ID) != 0;
    return {observed_of(about),
            has_mount ? static_cast<std::int64_t>(about.stx_mnt_id) : mount_id(fd_.get())};
}

FileIdentity Handle::identity() const {
    alignas(file_handle) std::array<char, sizeof(file_handle) + MAX_HANDLE_SZ> room{};
    auto* const held = reinterpret_cast<file_handle*>(room.data());
    held->handle_bytes = MAX_HANDLE_SZ;
    int mount = 0;
    if (name_to_handle_at(fd_.get(), "", held, &mount, AT_EMPTY_PATH) != 0)
        return {};
    return {room.data() + offsetof(file_handle, handle_type),
            sizeof held->handle_type + held->handle_bytes};
}

bool Handle::is_same_as(const Handle& other) const {
    struct stat ours {};
    struct stat theirs {};
    return fstat(fd_.get(), &ours) == 0 && fstat(other.fd(), &theirs) == 0 &&
           ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

void Handle::observe_acl(Observed& observed) const {
    const bool may_have_acl = observed.type == FileType::file || observed.type == FileType::dir;
    if (may_have_acl && observed.mode.has(0070))
        add_acl(fd_.get(), observed);
}

Opened open_child(const Kernel& kernel, const Handle& dir, const std::string& name) {
    UniqueFd fd{open_beneath(kernel, dir.fd(), name.c_str(), MountBoundary::stay)};
    if (!fd)
        return failed_to_open(name);
    return Handle{std::move(fd)};
}

Opened open_listed_child(const Kernel& kernel, const Handle& dir, const std::string& name) {
    UniqueFd fd{open_listed(kernel, dir.fd(), name.c_str())};
    if (!fd)
        return failed_to_open(name);
    return Handle{std::move(fd)};
}

Opened open_home(Machine& machine, const Handle& root, const std::string& name) {
    UniqueFd fd{open_beneath(machine.kernel, root.fd(), name.c_str(), MountBoundary::stay)};
    if (fd)
        return Handle{std::move(fd)};
    if (errno != EXDEV)
        return failed_to_open(name);

    fd = UniqueFd{open_beneath(machine.kernel, root.fd(), name.c_str(), MountBoundary::cross)};
    if (!fd)
        return failed_to_open(name);
    if (!machine.mounts.is_local(mount_id(fd.get())))
        return Refusal{RefusalReason::other_file_system};
    return Handle{std::move(fd)};
}

} // namespace sshpermd
