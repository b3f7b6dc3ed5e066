#include "system/content.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <memory>
#include <string_view>
#include <system_error>

namespace sshpermd {
namespace {

[[noreturn]] void fail(const char* doing) {
    throw std::system_error(errno, std::generic_category(), doing);
}

/// The held object itself, opened once more for reading: its access time stays as it is.
UniqueFd reopen(const Handle& handle, int flags) {
    UniqueFd fd{open(proc_path(handle.fd()).c_str(),
                     O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOATIME | O_CLOEXEC | flags)};
    if (!fd)
        fail("open it for reading");
    return fd;
}

KeyFileContent read_all(const UniqueFd& fd) {
    KeyFileContent content;
    std::array<char, 65536> buffer{};
    while (content.text.size() <= max_key_file) {
        const auto length = read(fd.get(), buffer.data(), buffer.size());
        if (length < 0)
            fail("read it");
        if (length == 0)
            break;
        content.text.append(buffer.data(), static_cast<std::size_t>(length));
    }
    content.too_large = content.text.size() > max_key_file;
    if (content.too_large)
        content.text.resize(max_key_file);
    content.has_capabilities = fgetxattr(fd.get(), "security.capability", nullptr, 0) > 0;
    return content;
}

} // namespace

KeyFileContent read_key_file(const Handle& file) { return read_all(reopen(file, 0)); }

SettledContent read_settled_key_file(const Handle& file) {
    const auto fd = reopen(file, 0);
    // Who opens it for writing meanwhile waits; we are told by a signal that is ignored by default.
    const bool leased =
        fcntl(fd.get(), F_SETSIG, SIGURG) == 0 && fcntl(fd.get(), F_SETLEASE, F_RDLCK) == 0;
    SettledContent settled{read_all(fd), !leased};
    if (leased)
        fcntl(fd.get(), F_SETLEASE, F_UNLCK);
    return settled;
}

std::vector<DirEntry> read_entries(const Kernel& kernel, const Handle& dir) {
    auto fd = reopen(dir, O_DIRECTORY);
    const std::unique_ptr<DIR, int (*)(DIR*)> stream{fdopendir(fd.get()), closedir};
    if (!stream)
        fail("list it");
    fd.release();

    std::vector<DirEntry> entries;
    while (entries.size() <= max_ssh_entries) {
        errno = 0;
        const auto* const entry = readdir(stream.get());
        if (entry == nullptr && errno != 0)
            fail("list it");
        if (entry == nullptr)
            break;
        const std::string_view name = entry->d_name;
        if (name == "." || name == "..")
            continue;
        const auto opened = open_child(kernel, dir, entry->d_name);
        if (std::holds_alternative<Missing>(opened))
            continue;
        const auto* const handle = std::get_if<Handle>(&opened);
        if (handle == nullptr) { // a mount: of no type that may be there
            entries.push_back({std::string{name}, FileType::symlink, 0});
            continue;
        }
        const auto observed = handle->observe();
        entries.push_back({std::string{name}, observed.type, observed.owner});
    }
    return entries;
}

} // namespace sshpermd
