#include "system/state_dir.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace sshpermd {
namespace {

[[noreturn]] void fail(int number, const std::string& doing) {
    throw std::system_error(number, std::generic_category(), doing);
}

} // namespace

UniqueFd open_state_dir(StateUse use) {
    const std::string path = state_path;
    if (use == StateUse::change && mkdir(state_path, 0700) != 0 && errno != EEXIST)
        fail(errno, "make " + path);
    UniqueFd dir{open(state_path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (!dir) {
        if (errno == ENOENT && use == StateUse::look)
            return dir;
        fail(errno, "open " + path);
    }
    struct stat about {};
    if (fstat(dir.get(), &about) != 0)
        fail(errno, "look at " + path);
    if (about.st_uid != 0 || (about.st_mode & 022U) != 0)
        fail(EPERM, "trust " + path);
    return dir;
}

} // namespace sshpermd
