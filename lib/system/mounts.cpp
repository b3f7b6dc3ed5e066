#include "system/mounts.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace sshpermd {
namespace {

std::string read_from_start(int fd) {
    std::string text;
    std::array<char, 16384> buffer{};
    if (lseek(fd, 0, SEEK_SET) != 0)
        return text;
    for (ssize_t length = 0; (length = ::read(fd, buffer.data(), buffer.size())) > 0;)
        text.append(buffer.data(), static_cast<std::size_t>(length));
    return text;
}

} // namespace

bool is_local_type(std::string_view file_system) {
    constexpr std::array<std::string_view, 12> local{"ext2",  "ext3",     "ext4",     "xfs",
                                                     "btrfs", "f2fs",     "zfs",      "jfs",
                                                     "tmpfs", "bcachefs", "ecryptfs", "overlay"};
    return std::find(local.begin(), local.end(), file_system) != local.end();
}

UniqueFd open_mountinfo() { return UniqueFd{open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)}; }

Mounts::Mounts() : mountinfo_(open_mountinfo()) {}

bool Mounts::is_local(std::int64_t mount_id) {
    if (!mountinfo_)
        return false;
    if (changed() || !known_)
        read();
    return local_.contains(mount_id);
}

bool Mounts::changed() const {
    pollfd request{mountinfo_.get(), POLLPRI, 0};
    return poll(&request, 1, 0) != 0;
}

void Mounts::read() {
    local_.clear();
    const auto text = read_from_start(mountinfo_.get());
    for (std::string_view rest = text; !rest.empty();) {
        const auto end = rest.find('\n');
        const auto line = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);

        // "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw"
        std::int64_t id = -1;
        std::from_chars(line.data(), line.data() + line.size(), id);
        constexpr std::string_view separator = " - ";
        const auto type_at = line.find(separator);
        if (type_at == std::string_view::npos)
            continue;
        const auto type = line.substr(type_at + separator.size());
        if (is_local_type(type.substr(0, type.find(' '))))
            local_.insert(id);
    }
    known_ = true;
}

} // namespace sshpermd
