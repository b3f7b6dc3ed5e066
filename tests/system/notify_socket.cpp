#include "notify_socket.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <sstream>
#include <sys/socket.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>

namespace system_tests {

namespace {

constexpr const char* place = "/run/sshpermd-test-notify";

} // namespace

NotifySocket::NotifySocket() : fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, place, sizeof address.sun_path - 1);
    unlink(place);
    if (fd_ < 0 || bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw std::system_error(errno, std::generic_category(), place);
}

NotifySocket::~NotifySocket() {
    close(fd_);
    unlink(place);
}

std::string NotifySocket::path() const { return place; }

void NotifySocket::receive() {
    std::array<char, 4096> buffer{};
    for (ssize_t length = 0; (length = recv(fd_, buffer.data(), buffer.size(), 0)) > 0;) {
        std::istringstream text{std::string{buffer.data(), static_cast<std::size_t>(length)}};
        for (std::string line; std::getline(text, line);)
            lines_.push_back(line);
    }
}

std::size_t NotifySocket::count(const std::string& assignment) {
    receive();
    return static_cast<std::size_t>(std::count(lines_.begin(), lines_.end(), assignment));
}

std::string NotifySocket::status() {
    receive();
    const std::string name = "STATUS=";
    const auto last = std::find_if(lines_.rbegin(), lines_.rend(),
                                   [&](const std::string& line) { return line.starts_with(name); });
    return last == lines_.rend() ? "" : last->substr(name.size());
}

} // namespace system_tests
