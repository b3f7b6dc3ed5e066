#include "system/watch_limit.hpp"

#include "io/unique_fd.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <limits>
#include <optional>

namespace sshpermd {
namespace {

std::optional<std::size_t> read_number(const char* path) {
    const UniqueFd file{open(path, O_RDONLY | O_CLOEXEC)};
    std::array<char, 32> text{};
    const auto length = file ? ::read(file.get(), text.data(), text.size()) : -1;
    std::size_t number = 0;
    if (length <= 0 || std::from_chars(text.data(), text.data() + length, number).ec != std::errc{})
        return std::nullopt;
    return number;
}

} // namespace

WatchLimit read_watch_limit() {
    WatchLimit limit{"fs.inotify.max_user_watches", std::numeric_limits<std::size_t>::max() / 8};
    limit.most = read_number("/proc/sys/fs/inotify/max_user_watches").value_or(limit.most);
    const auto here = read_number("/proc/sys/user/max_inotify_watches");
    if (here && *here < limit.most)
        limit = {"user.max_inotify_watches", *here};
    return limit;
}

} // namespace sshpermd
