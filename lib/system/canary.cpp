#include "system/canary.hpp"

#include "io/failure.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace sshpermd {

Handle open_canary_dir() {
    const std::string path = canary_path;
    const auto parent = path.substr(0, path.rfind('/'));
    for (const auto& [directory, mode] : {std::pair{parent, 0755U}, std::pair{path, 0700U}})
        if (mkdir(directory.c_str(), mode) != 0 && errno != EEXIST)
            fail(errno, "cannot make " + path);
    UniqueFd dir{open(canary_path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    struct stat about {};
    if (!dir || fstat(dir.get(), &about) != 0)
        fail(errno, "cannot open " + path);
    if (about.st_uid != 0 || (about.st_mode & 0022U) != 0)
        fail(EPERM, "cannot trust " + path);
    return Handle{std::move(dir)};
}

void touch_canary(const Handle& dir) {
    constexpr mode_t mode = 0600;
    const UniqueFd file{
        openat(dir.fd(), "canary", O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, mode)};
    if (!file || fchmod(file.get(), mode) != 0)
        fail(errno, std::string{"cannot change a file in "} + canary_path);
}

} // namespace sshpermd
