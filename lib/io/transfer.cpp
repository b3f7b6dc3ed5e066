#include "io/transfer.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace sshpermd {

std::size_t write_all(int fd, std::string_view bytes) {
    std::size_t written = 0;
    while (written < bytes.size()) {
        const auto length = write(fd, bytes.data() + written, bytes.size() - written);
        if (length < 0 && errno == EINTR)
            continue;
        if (length == 0)
            errno = ENOSPC;
        if (length <= 0)
            break;
        written += static_cast<std::size_t>(length);
    }
    return written;
}

std::optional<std::string> read_all(int fd, std::size_t most) {
    std::string bytes;
    std::array<char, 65536> buffer; // not filled: most files are far smaller
    while (bytes.size() <= most) {
        const auto wanted = std::min(buffer.size(), most + 1 - bytes.size());
        const auto length = read(fd, buffer.data(), wanted);
        if (length < 0 && errno == EINTR)
            continue;
        if (length < 0)
            return std::nullopt;
        if (length == 0)
            break;
        bytes.append(buffer.data(), static_cast<std::size_t>(length));
    }
    return bytes;
}

} // namespace sshpermd
