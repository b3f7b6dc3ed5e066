// The status socket as any program may speak to it.
#include "http.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <grp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>

namespace system_tests {

namespace {

[[noreturn]] void fail(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

/// The kernel notes who connects at that moment: this process is somebody else for so long.
class Disguise {
  public:
    Disguise(Owner as, const std::vector<gid_t>& groups) {
        if (::setgroups(groups.size(), groups.data()) != 0 || ::setegid(as.gid) != 0 ||
            ::seteuid(as.uid) != 0)
            fail("becoming somebody else");
    }
    ~Disguise() {
        if (::seteuid(0) != 0 || ::setegid(0) != 0 || ::setgroups(0, nullptr) != 0)
            std::terminate();
    }
    Disguise(const Disguise&) = delete;
    Disguise& operator=(const Disguise&) = delete;
};

bool becomes(int fd, short events, Duration within) {
    pollfd waiting{fd, events, 0};
    return ::poll(&waiting, 1, static_cast<int>(within.count())) > 0;
}

} // namespace

Connection::Connection(Owner as, const std::vector<gid_t>& groups)
    : fd_{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)} {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, socket_path.data(), socket_path.size());
    const Disguise disguise{as, groups};
    int number = EAGAIN; // more wait to be let in than the kernel queues
    eventually([&] {
        const auto* const to = reinterpret_cast<const sockaddr*>(&address);
        number = ::connect(fd_, to, sizeof address) == 0 ? 0 : errno;
        return number != EAGAIN;
    });
    if (number != 0) {
        ::close(fd_);
        errno = number;
        fail("connect " + socket_path);
    }
}

Connection::~Connection() { ::close(fd_); }

void Connection::send(const std::string& bytes) const {
    std::size_t sent = 0;
    while (sent < bytes.size() && becomes(fd_, POLLOUT, patience)) {
        const auto count = ::send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (count < 0)
            return;
        sent += static_cast<std::size_t>(count);
    }
}

void Connection::end() const { ::shutdown(fd_, SHUT_WR); }

std::string Connection::receive(Duration within) {
    const auto deadline = std::chrono::steady_clock::now() + within;
    std::string text;
    std::array<char, 65536> buffer{};
    for (;;) {
        const auto left =
            std::chrono::duration_cast<Duration>(deadline - std::chrono::steady_clock::now());
        if (left.count() <= 0 || !becomes(fd_, POLLIN, left))
            return text;
        const auto count = ::recv(fd_, buffer.data(), buffer.size(), 0);
        if (count <= 0)
            return text;
        text.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

Reply say(const std::string& bytes, Owner as, const std::vector<gid_t>& groups) {
    Connection connection{as, groups};
    connection.send(bytes);
    const auto text = connection.receive();
    const auto end = text.find("\r\n\r\n");
    if (!text.starts_with("HTTP/1.1 ") || end == std::string::npos)
        return {0, text, {}};
    return {std::stoi(text.substr(9, 3)), text.substr(0, end), text.substr(end + 4)};
}

std::string http(const std::string& method, const std::string& path, const std::string& body) {
    return method + " " + path +
           " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           body;
}

} // namespace system_tests
