#include "system/image.hpp"

#include "policy/account_files.hpp"
#include "policy/homes.hpp"
#include "policy/subuid.hpp"
#include "system/mounts.hpp"
#include "system/sshd_config_files.hpp"
#include "system/sshd_in_force.hpp"
#include "system/sysroot.hpp"
#include "system/uid_owner.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace sshpermd {
namespace {

constexpr const char* hint = "; mount the root volume of the other machine there first";

bool is_this_machines_root(int fd) {
    struct stat image {};
    struct stat own {};
    return fstat(fd, &image) == 0 && stat("/", &own) == 0 && image.st_dev == own.st_dev &&
           image.st_ino == own.st_ino;
}

} // namespace

Image::Image(const Kernel& kernel, std::string path) : path_(std::move(path)) {
    while (path_.size() > 1 && path_.back() == '/')
        path_.pop_back();
    if (!kernel.openat2)
        throw NoImage("--root needs openat2 (Linux 5.6 or newer, and no filter that hides it): "
                      "without it a link in the image could lead out of it");
    open_root(O_PATH);
    mount_ = mount_id(root_.get());
    if (!Mounts{}.is_local(mount_))
        throw NoImage(path_ +
                      ": not the file system of a local disk (ext4, xfs, btrfs, …), and one "
                      "of a network or of FUSE could keep us waiting for ever: attach the "
                      "volume itself");
    open_root(O_RDONLY | O_DIRECTORY);
    if (is_this_machines_root(root_.get()))
        throw NoImage(path_ + " is this machine's own root: leave --root out");
    read_accounts();
    may_chroot_ = read_sshd_config_files(Sysroot{*this}, usual_sshd_configs(), {}).may_chroot;
}

void Image::open_root(int flags) {
    root_ = UniqueFd{::open(path_.c_str(), flags | O_CLOEXEC)};
    if (root_)
        return;
    if (errno == EACCES || errno == EPERM)
        throw std::system_error(errno, std::generic_category(), "look into " + path_);
    throw NoImage(path_ + ": " + std::strerror(errno) + hint);
}

void Image::read_accounts() {
    const auto passwd = read("etc/passwd");
    const auto group = read("etc/group");
    if (!passwd || !group)
        throw NoImage(path_ + ": no etc/" + (passwd ? "group" : "passwd") +
                      " in it, so it is not the root file system of a machine (its boot or data "
                      "partition, or a directory above it?)");
    auto accounts = parse_account_files(*passwd, *group);
    const auto sources = read("etc/nsswitch.conf");
    if (sources && asks_only_this_machine(*sources))
        accounts = Accounts{accounts.all(), accounts.groups(), Coverage::everybody};
    accounts_ = std::make_shared<const Accounts>(std::move(accounts));
}

uid_t Image::uid_min() const { return uid_min_of(read("etc/login.defs").value_or("")); }

bool Image::is_nobodys(uid_t uid) const {
    return accounts_->has_everybody() && !accounts_->user_name(uid) && accounts_->user_name(0) &&
           may_be_nobodys(uid, read("etc/nsswitch.conf").value_or(""),
                          read("etc/subuid").value_or(""));
}

bool Image::is_read_only() const {
    struct statvfs about {};
    return fstatvfs(root_.get(), &about) == 0 && (about.f_flag & ST_RDONLY) != 0;
}

UniqueFd Image::locate(const std::string& path) const {
    constexpr int most_tries = 100;
    UniqueFd fd;
    for (int tries = 0; !fd && tries < most_tries; ++tries) {
        fd = UniqueFd{open_in_root(root_.get(), path.c_str(), O_PATH)};
        if (!fd && errno != EAGAIN) // somebody renames, or mounts
            return fd;
    }
    const auto mount = fd ? mount_id(fd.get()) : mount_;
    if (fd && mount != mount_ && !Mounts{}.is_local(mount)) {
        fd = UniqueFd{};
        errno = EXDEV;
    }
    return fd;
}

UniqueFd Image::open(const std::string& path) const {
    auto fd = locate(path);
    struct stat about {};
    if (!fd || fstat(fd.get(), &about) != 0 || !(S_ISREG(about.st_mode) || S_ISDIR(about.st_mode)))
        return fd;
    const auto flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    const auto held = proc_path(fd.get());
    UniqueFd opened{::open(held.c_str(), flags | O_NOATIME)};
    if (!opened && errno == EPERM) // not the owner's
        opened = UniqueFd{::open(held.c_str(), flags)};
    return opened;
}

std::optional<std::string> Image::read(const std::string& path) const {
    return Sysroot{*this}.read(path, most_bytes);
}

bool Image::lock() { return flock(root_.get(), LOCK_EX | LOCK_NB) == 0; }

} // namespace sshpermd
