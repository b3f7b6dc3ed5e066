#include "system/trusted_file.hpp"

#include "policy/config.hpp"
#include "policy/mode.hpp"
#include "system/unique_fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace sshpermd {
namespace {

constexpr off_t max_size = 1 << 20;

void require_trust(const std::string& path, const struct stat& about) {
    if (!S_ISREG(about.st_mode))
        throw ConfigError(path + ": not a regular file");
    if (about.st_uid != 0)
        throw ConfigError(path + ": belongs to uid " + std::to_string(about.st_uid) +
                          ", must belong to root: chown root:root " + path);
    if ((about.st_mode & 0022U) != 0)
        throw ConfigError(path + ": others could write it (mode " + to_string(Mode{about.st_mode}) +
                          "): chmod go-w " + path);
    if (about.st_size > max_size)
        throw ConfigError(path + ": larger than 1 MiB, no configuration is");
}

} // namespace

std::optional<std::string> read_trusted_file(const std::string& path) {
    const UniqueFd fd{open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
    if (!fd && errno == ENOENT)
        return std::nullopt;
    if (!fd && errno == ELOOP)
        throw ConfigError(path + ": a symbolic link; name the file itself");
    if (!fd)
        throw std::system_error(errno, std::generic_category(), "cannot read " + path);

    struct stat about {};
    if (fstat(fd.get(), &about) != 0)
        throw std::system_error(errno, std::generic_category(), "cannot look at " + path);
    require_trust(path, about);

    std::string text;
    std::array<char, 16384> buffer{};
    for (;;) {
        const auto length = read(fd.get(), buffer.data(), buffer.size());
        if (length < 0)
            throw std::system_error(errno, std::generic_category(), "cannot read " + path);
        if (length == 0)
            return text;
        text.append(buffer.data(), static_cast<std::size_t>(length));
        if (text.size() > static_cast<std::size_t>(max_size))
            throw ConfigError(path + ": larger than 1 MiB, no configuration is");
    }
}

} // namespace sshpermd
