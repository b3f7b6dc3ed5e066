#include "system/content.hpp"

#include "io/directory.hpp"
#include "io/failure.hpp"
#include "io/transfer.hpp"

#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

namespace sshpermd {
namespace {

/// The held object itself, opened once more for reading: its access time stays as it is.
UniqueFd reopen(const Handle& handle, int flags) {
    UniqueFd fd{open(proc_path(handle.fd()).c_str(),
                     O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOATIME | O_CLOEXEC | flags)};
    if (!fd)
        fail(errno, "open it for reading");
    return fd;
}

KeyFileContent content_of(const UniqueFd& fd) {
    KeyFileContent content;
    auto text = read_all(fd.get(), max_key_file);
    if (!text)
        fail(errno, "read it");
    content.text = std::move(*text);
    content.too_large = content.text.size() > max_key_file;
    if (content.too_large)
        content.text.resize(max_key_file);
    content.has_capabilities = fgetxattr(fd.get(), "security.capability", nullptr, 0) > 0;
    return content;
}

} // namespace

KeyFileContent read_key_file(const Handle& file) { return content_of(reopen(file, 0)); }

std::string read_beginning(const Handle& file, std::size_t most) {
    auto text = read_all(reopen(file, 0).get(), most);
    if (!text)
        fail(errno, "read it");
    text->resize(std::min(text->size(), most));
    return *std::move(text);
}

SettledContent read_settled_key_file(const Handle& file) {
    const auto fd = reopen(file, 0);
    // Who opens it for writing meanwhile waits; we are told by a signal that is ignored by default.
    const bool leased =
        fcntl(fd.get(), F_SETSIG, SIGURG) == 0 && fcntl(fd.get(), F_SETLEASE, F_RDLCK) == 0;
    SettledContent settled{content_of(fd), !leased};
    if (leased)
        fcntl(fd.get(), F_SETLEASE, F_UNLCK);
    return settled;
}

std::vector<std::string> find_names(const Handle& dir, std::size_t most,
                                    const std::function<bool(std::string_view)>& is_wanted) {
    constexpr int most_sought = 1024;
    std::vector<std::string> names;
    int sought = 0;
    const auto note = [&](const dirent& entry) {
        if (is_wanted(entry.d_name))
            names.emplace_back(entry.d_name);
        return names.size() < most && ++sought < most_sought;
    };
    errno = for_each_entry(reopen(dir, O_DIRECTORY), note);
    if (errno != 0)
        fail(errno, "list it");
    return names;
}

std::vector<DirEntry> read_entries(const Kernel& kernel, const Handle& dir) {
    std::vector<DirEntry> entries;
    const auto note = [&](const dirent& entry) {
        const auto opened = open_child(kernel, dir, entry.d_name);
        if (const auto* const handle = std::get_if<Handle>(&opened)) {
            const auto observed = handle->observe();
            entries.push_back({entry.d_name, observed.type, observed.owner});
        } else if (!std::holds_alternative<Missing>(opened)) { // a mount: none that may be there
            entries.push_back({entry.d_name, FileType::symlink, 0});
        }
        return entries.size() <= max_ssh_entries;
    };
    errno = for_each_entry(reopen(dir, O_DIRECTORY), note);
    if (errno != 0)
        fail(errno, "list it");
    return entries;
}

} // namespace sshpermd
