#include "system/replacement.hpp"

#include "system/kernel.hpp"
#include "system/transfer.hpp"
#include "system/unique_fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace sshpermd {
namespace {

/// For a moment, in a directory where only we can make names.
constexpr const char* spare_name = ".sshpermd.new";

Failure failed(std::string doing) { return {errno, std::move(doing)}; }

/// SELinux's label, where there is one. A file without it gets the directory's default.
void copy_label(const Handle& from, int to) {
    constexpr const char* label = "security.selinux";
    std::array<char, 1024> text{};
    const auto length = getxattr(proc_path(from.fd()).c_str(), label, text.data(), text.size());
    if (length > 0)
        fsetxattr(to, label, text.data(), static_cast<std::size_t>(length), 0);
}

} // namespace

std::optional<Failure> replace_file(const Handle& dir, const std::string& name, const Handle& old,
                                    std::string_view text, const Expected& expected) {
    const auto where = proc_path(dir.fd());
    const UniqueFd file{open(where.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600)};
    if (!file)
        return failed("make a new key file");
    if (write_all(file.get(), text) != text.size())
        return failed("write a new key file");
    copy_label(old, file.get());
    if (fchown(file.get(), expected.owner, expected.group) != 0 ||
        fchmod(file.get(), expected.mode.bits()) != 0)
        return failed("give a new key file to its owner");
    if (fsync(file.get()) != 0)
        return failed("write a new key file");

    const UniqueFd at{open(where.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!at)
        return failed("open .ssh");
    if (unlinkat(at.get(), spare_name, 0) != 0 && errno != ENOENT)
        return failed("remove " + std::string{spare_name});
    if (linkat(AT_FDCWD, proc_path(file.get()).c_str(), at.get(), spare_name, AT_SYMLINK_FOLLOW) !=
        0)
        return failed("name a new key file");
    if (renameat(at.get(), spare_name, at.get(), name.c_str()) != 0) {
        const auto failure = failed("put a new key file in place");
        unlinkat(at.get(), spare_name, 0);
        return failure;
    }
    return std::nullopt;
}

} // namespace sshpermd
