#include "system/image.hpp"

#include "policy/account_files.hpp"
#include "policy/homes.hpp"
#include "policy/sshd_config.hpp"
#include "policy/subuid.hpp"
#include "system/directory.hpp"
#include "system/mounts.hpp"
#include "system/transfer.hpp"
#include "system/uid_owner.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
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
    root_ = UniqueFd{open(path_.c_str(), O_PATH | O_CLOEXEC)};
    if (!root_)
        throw NoImage(path_ + ": " + std::strerror(errno) + hint);
    if (const auto mount = mount_id(root_.get()); !Mounts{}.is_local(mount))
        throw NoImage(path_ + ": a network or FUSE file system, whose server could keep us waiting "
                              "for ever; attach the volume itself");
    root_ = UniqueFd{open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!root_)
        throw NoImage(path_ + ": " + std::strerror(errno) + hint);
    if (is_this_machines_root(root_.get()))
        throw NoImage(path_ + " is this machine's own root: leave --root out");
    read_accounts();
    may_chroot_ = search_sshd_config();
}

void Image::read_accounts() {
    const auto passwd = read("etc/passwd");
    const auto group = read("etc/group");
    if (!passwd || !group)
        throw NoImage(path_ + ": no etc/" + (passwd ? "group" : "passwd") +
                      " in it, so it is not the root file system of a machine (its boot or data "
                      "partition, or a directory above it?)");
    auto local = parse_account_files(*passwd, *group);
    const auto sources = read("etc/nsswitch.conf");
    if (!sources || !asks_only_this_machine(*sources))
        accounts_ = std::move(local);
    else
        accounts_ = Accounts{local.all(), local.groups(), Coverage::everybody};
}

uid_t Image::uid_min() const { return uid_min_of(read("etc/login.defs").value_or("")); }

bool Image::is_nobodys(uid_t uid) const {
    return accounts_.has_everybody() && !accounts_.user_name(uid) && accounts_.user_name(0) &&
           may_be_nobodys(uid, read("etc/nsswitch.conf").value_or(""),
                          read("etc/subuid").value_or(""));
}

bool Image::search_sshd_config() const {
    const auto main = read("etc/ssh/sshd_config");
    if (!main)
        return read("usr/etc/ssh/sshd_config").has_value(); // another layout: not searched
    const auto scan = scan_sshd_config(*main);
    if (scan.sets_chroot || scan.unclear ||
        std::any_of(scan.includes.begin(), scan.includes.end(), [](const std::string& pattern) {
            return pattern != "/etc/ssh/sshd_config.d/*.conf" && pattern != "sshd_config.d/*.conf";
        }))
        return true;
    bool found = false;
    const auto search = [&](const dirent& entry) {
        const auto text = read(std::string{"etc/ssh/sshd_config.d/"} + entry.d_name);
        const auto part = scan_sshd_config(text.value_or(""));
        found = part.sets_chroot || part.unclear || !part.includes.empty();
        return !found;
    };
    UniqueFd dir{open_in_root(root_.get(), "etc/ssh/sshd_config.d", O_RDONLY | O_DIRECTORY)};
    if (dir)
        found = for_each_entry(std::move(dir), search) != 0 || found;
    return found;
}

bool Image::is_read_only() const {
    struct statvfs about {};
    return fstatvfs(root_.get(), &about) == 0 && (about.f_flag & ST_RDONLY) != 0;
}

std::optional<std::string> Image::read(const std::string& path) const {
    const UniqueFd fd{open_in_root(root_.get(), path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY)};
    struct stat about {};
    if (!fd || fstat(fd.get(), &about) != 0 || !S_ISREG(about.st_mode))
        return std::nullopt;
    auto text = read_all(fd.get(), most_bytes);
    return text && text->size() <= most_bytes ? std::move(text) : std::nullopt;
}

bool Image::lock() { return flock(root_.get(), LOCK_EX | LOCK_NB) == 0; }

} // namespace sshpermd
