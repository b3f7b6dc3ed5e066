// Image: the root file system of another machine, mounted on this one. Whoever could write it is
// not trusted: nothing in it leads out of it, and no program in it is run.
#pragma once

#include "io/kernel.hpp"
#include "io/unique_fd.hpp"
#include "policy/account.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

namespace sshpermd {

/// A directory that is no image, or one that cannot be worked on; what() says why, and what to do.
class NoImage : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

class Image {
  public:
    /// The largest file that is read.
    static constexpr std::size_t most_bytes = std::size_t{8} << 20U;

    /// Opens it and reads whom it knows. `path` is resolved once, with the caller's rights. Throws
    /// NoImage: no directory, this machine's own root, a network or FUSE file system, no etc/passwd
    /// or etc/group in it, no openat2 (Linux 5.6), which alone keeps links from leading out of it.
    /// Throws std::system_error where the caller may not look.
    Image(const Kernel& kernel, std::string path);

    const std::string& path() const { return path_; }
    int fd() const { return root_.get(); }

    /// Those of its etc/passwd and etc/group. Everybody, where its nsswitch.conf asks nobody else.
    const Accounts& accounts() const { return *accounts_; }
    std::shared_ptr<const Accounts> generation() const { return accounts_; }

    /// UID_MIN of its etc/login.defs.
    uid_t uid_min() const;

    /// As is_nobodys() says of a uid on this machine, by the image's files.
    bool is_nobodys(uid_t uid) const;

    /// May its sshd confine accounts to directories that have to be root's (ChrootDirectory)? Its
    /// configuration is only searched for the word.
    bool may_chroot() const { return may_chroot_; }

    /// Can nothing in it be changed, because it is mounted so?
    bool is_read_only() const;

    /// Opens what a path leads to with O_PATH, links followed as its own machine would; not on a
    /// network or FUSE file system (EXDEV). Else errno says why not.
    UniqueFd locate(const std::string& path) const;

    /// The same for reading. Nothing but regular files and directories is opened, for opening a
    /// device may do something: of anything else the descriptor is one of O_PATH.
    UniqueFd open(const std::string& path) const;

    /// The text of a file in it; nothing when there is no such regular file, or it cannot be read,
    /// or is larger than most_bytes.
    std::optional<std::string> read(const std::string& path) const;

    /// For whoever changes anything in it: one at a time. False when another one does.
    bool lock();

  private:
    void open_root(int flags);
    void read_accounts();

    std::string path_;
    UniqueFd root_;
    std::int64_t mount_ = -1;
    std::shared_ptr<const Accounts> accounts_; ///< never null
    bool may_chroot_ = true;
};

} // namespace sshpermd
