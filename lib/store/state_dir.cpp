#include "store/state_dir.hpp"

#include "io/failure.hpp"
#include "io/transfer.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace sshpermd {
namespace {

/// Root's alone, or EPERM. When it may be changed it also gets `mode`, so that nobody else reads
/// it.
void require_roots(int fd, mode_t type, mode_t mode, StateUse use, const std::string& name) {
    struct stat about {};
    if (fstat(fd, &about) != 0)
        fail(errno, "cannot look at " + name);
    if ((about.st_mode & S_IFMT) != type)
        fail(EPERM, name + " is not what it should be");
    if (about.st_uid != 0)
        fail(EPERM, name + " belongs to uid " + std::to_string(about.st_uid));
    if ((about.st_mode & 0022U) != 0)
        fail(EPERM, "others could write " + name);
    if (type == S_IFREG && about.st_nlink != 1)
        fail(EPERM, name + " has another name");
    if (use == StateUse::change && (about.st_mode & 07777U) != mode && fchmod(fd, mode) != 0)
        fail(errno, "cannot close " + name + " to others");
}

} // namespace

UniqueFd open_state_dir(StateUse use, const std::string& path) {
    if (use == StateUse::change && mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
        fail(errno, "cannot make " + path);
    UniqueFd dir{open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (!dir && errno == ENOENT && use == StateUse::look)
        return dir;
    if (!dir)
        fail(errno, "cannot open " + path);
    require_roots(dir.get(), S_IFDIR, 0700, use, path);
    return dir;
}

UniqueFd open_state_file(int dir, const char* name, StateUse use) {
    const int how = use == StateUse::change ? O_RDWR | O_APPEND | O_CREAT : O_RDONLY;
    UniqueFd file{
        openat(dir, name, how | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, mode_t{0600})};
    if (!file)
        fail(errno, std::string{"cannot open "} + name);
    require_roots(file.get(), S_IFREG, 0600, use, name);
    return file;
}

void write_state_file(int dir, const std::string& name, std::string_view text) {
    const auto fresh_name = name + ".new";
    if (unlinkat(dir, fresh_name.c_str(), 0) != 0 && errno != ENOENT) // of one who was cut off
        fail(errno, "cannot remove " + fresh_name);
    const UniqueFd fresh{openat(dir, fresh_name.c_str(),
                                O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                                mode_t{0600})};
    if (!fresh)
        fail(errno, "cannot make " + fresh_name);
    if (write_all(fresh.get(), text) != text.size())
        fail(errno, "cannot write " + fresh_name);
    if (fsync(fresh.get()) != 0 || renameat(dir, fresh_name.c_str(), dir, name.c_str()) != 0 ||
        fsync(dir) != 0)
        fail(errno, "cannot write " + name);
}

std::optional<std::string> read_state_file(int dir, const char* name) {
    UniqueFd file;
    try {
        file = open_state_file(dir, name, StateUse::look);
    } catch (const std::system_error& error) {
        if (error.code().value() == ENOENT)
            return std::nullopt;
        throw;
    }
    constexpr std::size_t most = std::size_t{1} << 20U;
    auto text = read_all(file.get(), most);
    if (!text)
        fail(errno, std::string{"cannot read "} + name);
    if (text->size() > most)
        fail(EFBIG, std::string{name} + " is larger than it can be");
    return text;
}

} // namespace sshpermd
