#include "system/replacement.hpp"

#include "io/kernel.hpp"
#include "io/transfer.hpp"
#include "io/unique_fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <variant>

namespace sshpermd {
namespace {

constexpr const char* label_name = "security.selinux";

/// A new file without a name, with all that it is to have. Not yet on the disk.
std::variant<UniqueFd, Failure> nameless_file(const std::string& where, std::string_view text,
                                              const Expected& expected, const std::string& label) {
    UniqueFd file{open(where.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600)};
    if (!file)
        return failed("make a new key file");
    if (write_all(file.get(), text) != text.size())
        return failed("write a new key file");
    if (!label.empty())
        fsetxattr(file.get(), label_name, label.data(), label.size(), 0);
    if (fchown(file.get(), expected.owner, expected.group) != 0 ||
        fchmod(file.get(), expected.mode.bits()) != 0)
        return failed("give a new key file to its owner");
    return file;
}

int name_it(const UniqueFd& file, int dir, const char* name) {
    return linkat(AT_FDCWD, proc_path(file.get()).c_str(), dir, name, AT_SYMLINK_FOLLOW);
}

} // namespace

Failure failed(std::string doing) { return {errno, std::move(doing)}; }

std::string label_of(const Handle& file) {
    std::array<char, 1024> text{};
    const auto length =
        getxattr(proc_path(file.fd()).c_str(), label_name, text.data(), text.size());
    return {text.data(), length > 0 ? static_cast<std::size_t>(length) : 0};
}

std::optional<Failure> replace_file(const Handle& dir, const std::string& name, const Handle& old,
                                    std::string_view text, const Expected& expected) {
    const auto where = proc_path(dir.fd());
    const auto made = nameless_file(where, text, expected, label_of(old));
    if (const auto* const failure = std::get_if<Failure>(&made))
        return *failure;
    const auto& file = std::get<UniqueFd>(made);
    if (fsync(file.get()) != 0)
        return failed("write a new key file");

    const UniqueFd at{open(where.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!at)
        return failed("open .ssh");
    if (unlinkat(at.get(), spare_name, 0) != 0 && errno != ENOENT)
        return failed("remove " + std::string{spare_name});
    if (name_it(file, at.get(), spare_name) != 0)
        return failed("name a new key file");
    if (renameat(at.get(), spare_name, at.get(), name.c_str()) != 0) {
        const auto failure = failed("put a new key file in place");
        unlinkat(at.get(), spare_name, 0);
        return failure;
    }
    return std::nullopt;
}

std::optional<Failure> make_file(const Handle& dir, const std::string& name, std::string_view text,
                                 const Expected& expected, const std::string& label) {
    const auto made = nameless_file(proc_path(dir.fd()), text, expected, label);
    if (const auto* const failure = std::get_if<Failure>(&made))
        return *failure;
    if (name_it(std::get<UniqueFd>(made), dir.fd(), name.c_str()) != 0)
        return failed("name a new key file");
    return std::nullopt;
}

void sync(const Handle& file) {
    const UniqueFd fd{open(proc_path(file.fd()).c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
    if (fd)
        fsync(fd.get());
}

} // namespace sshpermd
