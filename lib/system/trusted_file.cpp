#include "system/trusted_file.hpp"

#include "io/directory.hpp"
#include "io/failure.hpp"
#include "io/transfer.hpp"
#include "io/unique_fd.hpp"
#include "policy/config.hpp"
#include "policy/mode.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace sshpermd {
namespace {

constexpr off_t max_size = 1 << 20;

[[noreturn]] void fail_as_too_large(const std::string& path) {
    throw ConfigError(path + ": larger than 1 MiB, no configuration is");
}

void require_roots(const std::string& path, const struct stat& about) {
    if (about.st_uid != 0)
        throw ConfigError(path + ": belongs to uid " + std::to_string(about.st_uid) +
                          ", must belong to root: chown root:root " + path);
    if ((about.st_mode & 0022U) != 0)
        throw ConfigError(path + ": others could write it (mode " + to_string(Mode{about.st_mode}) +
                          "): chmod go-w " + path);
}

void require_trust(const std::string& path, const struct stat& about) {
    if (!S_ISREG(about.st_mode))
        throw ConfigError(path + ": not a regular file");
    require_roots(path, about);
    if (about.st_size > max_size)
        fail_as_too_large(path);
}

std::optional<std::string> read_at(int dir, const std::string& name, const std::string& path) {
    const UniqueFd fd{
        openat(dir, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
    if (!fd && errno == ENOENT)
        return std::nullopt;
    if (!fd && errno == ELOOP)
        throw ConfigError(path + ": a symbolic link, and links are not followed; put the file "
                                 "itself there");
    if (!fd)
        fail(errno, "cannot read " + path);

    struct stat about {};
    if (fstat(fd.get(), &about) != 0)
        fail(errno, "cannot look at " + path);
    require_trust(path, about);

    auto text = read_all(fd.get(), static_cast<std::size_t>(max_size));
    if (!text)
        fail(errno, "cannot read " + path);
    if (text->size() > static_cast<std::size_t>(max_size))
        fail_as_too_large(path);
    return text;
}

} // namespace

std::optional<std::string> read_trusted_file(const std::string& path) {
    return read_at(AT_FDCWD, path, path);
}

std::optional<std::string> trusted_text(const std::string& path) {
    try {
        return read_trusted_file(path).value_or("");
    } catch (const ConfigError&) {
        return std::nullopt;
    } catch (const std::system_error&) {
        return std::nullopt;
    }
}

TrustedDir::TrustedDir(std::string path) : path_(std::move(path)) {
    UniqueFd fd{open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (!fd && errno == ENOENT)
        return;
    if (!fd && errno == ENOTDIR)
        throw ConfigError(path_ + ": not a directory (links are not followed)");
    if (!fd)
        fail(errno, "cannot read " + path_);
    struct stat about {};
    if (fstat(fd.get(), &about) != 0)
        fail(errno, "cannot look at " + path_);
    require_roots(path_, about);
    fd_ = std::move(fd);
}

std::vector<std::string> TrustedDir::names(const std::string& suffix) const {
    std::vector<std::string> names;
    if (!fd_)
        return names;
    UniqueFd fd{openat(fd_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    const auto note = [&](const dirent& entry) {
        std::string name = entry.d_name;
        if (name.front() != '.' && name.ends_with(suffix))
            names.push_back(std::move(name));
        return true;
    };
    if (const int error = for_each_entry(std::move(fd), note); error != 0)
        fail(error, "cannot read " + path_);
    std::sort(names.begin(), names.end());
    return names;
}

std::optional<std::string> TrustedDir::read(const std::string& name) const {
    return fd_ ? read_at(fd_.get(), name, path_of(name)) : std::nullopt;
}

} // namespace sshpermd
