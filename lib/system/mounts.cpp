#include "system/mounts.hpp"

#include "policy/fields.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>

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

std::string unescaped(std::string_view field) {
    std::string text;
    for (std::size_t i = 0; i < field.size(); ++i) {
        unsigned byte = 0;
        const auto* const digits = field.data() + i + 1;
        const auto* const end = digits + std::min<std::size_t>(field.size() - i - 1, 3);
        const bool is_escape = field[i] == '\\' && end - digits == 3 &&
                               std::from_chars(digits, end, byte, 8).ptr == end && byte <= 0377;
        text += is_escape ? static_cast<char>(byte) : field[i];
        i += is_escape ? 3U : 0U;
    }
    return text;
}

/// "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw"
std::vector<Mount> parse_mountinfo(std::string_view text) {
    std::vector<Mount> mounts;
    while (!text.empty()) {
        const auto fields = fields_of(take_field(text, "\n"), " ");
        const auto separator = std::find(fields.begin(), fields.end(), "-");
        const auto id = fields.empty() ? std::nullopt : decimal(fields.front());
        if (id && separator - fields.begin() > 4 && fields.end() - separator > 1)
            mounts.push_back({static_cast<std::int64_t>(*id), unescaped(fields[4]),
                              std::string{*(separator + 1)}});
    }
    return mounts;
}

UniqueFd open_mountinfo() { return UniqueFd{open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)}; }

UniqueFd open_mountinfo_of_init() {
    return UniqueFd{open("/proc/1/mountinfo", O_RDONLY | O_CLOEXEC)};
}

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
    for (const auto& mount : parse_mountinfo(read_from_start(mountinfo_.get())))
        if (is_local_type(mount.type))
            local_.insert(mount.id);
    known_ = true;
}

} // namespace sshpermd
