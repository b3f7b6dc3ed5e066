#include "system/sysroot.hpp"

#include "io/directory.hpp"
#include "io/kernel.hpp"
#include "io/transfer.hpp"

#include <fcntl.h>
#include <fnmatch.h>
#include <glob.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <utility>

namespace sshpermd {
namespace {

constexpr std::size_t most_names = 4096; ///< in a directory of an image's

/// A directory that is not there holds nothing; any other error of glob(3) hides something.
int stop_unless_absent(const char* /*path*/, int error) {
    return error == ENOENT || error == ENOTDIR ? 0 : 1;
}

std::optional<std::vector<std::string>> glob_here(const std::string& pattern) {
    std::vector<std::string> files;
    glob_t found{};
    const int failed = ::glob(pattern.c_str(), GLOB_NOSORT, stop_unless_absent, &found);
    for (std::size_t i = 0; failed == 0 && i < found.gl_pathc; ++i)
        files.emplace_back(found.gl_pathv[i]);
    globfree(&found);
    return failed == 0 || failed == GLOB_NOMATCH ? std::optional{files} : std::nullopt;
}

bool is_absent_name(int error) { return error == ENOENT || error == ENOTDIR; }

std::optional<std::vector<std::string>> glob_in(const Image& image, const std::string& pattern) {
    constexpr const char* wild = "*?[\\";
    const auto slash = pattern.rfind('/');
    if (slash == std::string::npos || pattern.find_first_of(wild) < slash)
        return std::nullopt;
    if (pattern.find_first_of(wild) == std::string::npos) {
        if (image.locate(pattern))
            return std::vector{pattern};
        return is_absent_name(errno) ? std::optional{std::vector<std::string>{}} : std::nullopt;
    }
    const auto dir = pattern.substr(0, slash + 1);
    const auto name = pattern.substr(slash + 1);
    auto fd = image.open(dir);
    if (!fd)
        return is_absent_name(errno) ? std::optional{std::vector<std::string>{}} : std::nullopt;
    std::vector<std::string> files;
    std::size_t seen = 0;
    const auto error = for_each_entry(std::move(fd), [&](const dirent& entry) {
        if (fnmatch(name.c_str(), entry.d_name, FNM_PERIOD) == 0)
            files.push_back(dir + entry.d_name);
        return ++seen <= most_names;
    });
    return error == 0 && seen <= most_names ? std::optional{std::move(files)} : std::nullopt;
}

std::string target_of(int fd) {
    std::array<char, PATH_MAX> text{};
    const auto length = readlink(proc_path(fd).c_str(), text.data(), text.size());
    return length > 0 ? std::string{text.data(), static_cast<std::size_t>(length)} : std::string{};
}

std::string value_of(const std::string& path, const char* name) {
    std::string value(4096, '\0');
    auto length = getxattr(path.c_str(), name, value.data(), value.size());
    if (length < 0 && errno == ERANGE) {
        value.resize(std::size_t{64} << 10U); // XATTR_SIZE_MAX
        length = getxattr(path.c_str(), name, value.data(), value.size());
    }
    value.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
    return value;
}

} // namespace

UniqueFd Sysroot::locate(const std::string& path) const {
    return image_ != nullptr ? image_->locate(path)
                             : UniqueFd{::open(path.c_str(), O_PATH | O_CLOEXEC)};
}

UniqueFd Sysroot::open(const std::string& path) const {
    return image_ != nullptr
               ? image_->open(path)
               : UniqueFd{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
}

int Sysroot::stat(const std::string& path, struct stat& about) const {
    if (image_ == nullptr)
        return ::stat(path.c_str(), &about) == 0 ? 0 : errno;
    const auto fd = image_->locate(path);
    return fd && fstat(fd.get(), &about) == 0 ? 0 : errno;
}

bool Sysroot::has(const std::string& path) const {
    struct stat about {};
    return stat(path, about) == 0;
}

std::optional<std::string> Sysroot::read(const std::string& path, std::size_t most) const {
    const auto fd = open(path);
    struct stat about {};
    if (!fd || fstat(fd.get(), &about) != 0 || !S_ISREG(about.st_mode))
        return std::nullopt;
    if (image_ != nullptr)
        most = std::min(most, Image::most_bytes);
    auto text = read_all(fd.get(), most);
    return text && text->size() <= most ? std::move(text) : std::nullopt;
}

std::string Sysroot::real_path(const std::string& path) const {
    if (image_ == nullptr) {
        std::array<char, PATH_MAX> buffer{};
        return realpath(path.c_str(), buffer.data()) != nullptr ? std::string{buffer.data()}
                                                                : std::string{};
    }
    const auto fd = image_->locate(path);
    const auto root = target_of(image_->fd());
    const auto real = fd ? target_of(fd.get()) : std::string{};
    if (root.empty() || real.empty())
        return {};
    if (real == root)
        return "/";
    return real.starts_with(root + "/") ? real.substr(root.size()) : std::string{};
}

std::string Sysroot::path_here(const std::string& path) const {
    if (image_ == nullptr)
        return path;
    const auto real = real_path(path);
    return real.empty() ? real : image_->path() + (real == "/" ? "" : real);
}

std::string Sysroot::attribute(const std::string& path, const char* name) const {
    if (image_ == nullptr)
        return value_of(path, name);
    const auto fd = image_->locate(path);
    return fd ? value_of(proc_path(fd.get()), name) : std::string{};
}

std::optional<std::vector<std::string>> Sysroot::glob(const std::string& pattern) const {
    return image_ != nullptr ? glob_in(*image_, pattern) : glob_here(pattern);
}

std::optional<std::vector<gid_t>> Sysroot::groups_of(const Account& account) const {
    if (image_ == nullptr)
        return std::nullopt;
    std::vector<gid_t> groups{account.gid};
    for (const auto& group : image_->accounts().groups())
        if (group.members.has(account.name))
            groups.push_back(group.gid);
    groups.resize(std::min<std::size_t>(groups.size(), NGROUPS_MAX));
    return groups;
}

} // namespace sshpermd
