// The service manager's end of sd_notify: a datagram socket that a daemon is told of.
#pragma once

#include <string>
#include <vector>

namespace system_tests {

class NotifySocket {
  public:
    /// Throws std::system_error.
    NotifySocket();
    ~NotifySocket();
    NotifySocket(const NotifySocket&) = delete;
    NotifySocket& operator=(const NotifySocket&) = delete;

    /// The value of NOTIFY_SOCKET.
    std::string path() const;

    /// How many messages with this assignment ("WATCHDOG=1") came so far.
    std::size_t count(const std::string& assignment);

    /// The text after the last "STATUS=".
    std::string status();

  private:
    void receive();

    int fd_ = -1;
    std::vector<std::string> lines_;
};

} // namespace system_tests
