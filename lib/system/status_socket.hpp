// The file of the status socket, and who is at the other end of a connection.
#pragma once

#include "io/unique_fd.hpp"

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace sshpermd {

/// A listening UNIX socket: 0660 root:group, or 0600 without a group. Never open to more people
/// than that, not even for a moment. The file goes when this goes.
class StatusSocket {
  public:
    /// Replaces a file that a daemon left behind; throws std::system_error when one still listens
    /// there, when the file is something else, and when somebody besides root could replace it.
    StatusSocket(std::string path, std::optional<gid_t> group);

    /// One that the service manager made and listens at: its file is not ours. Throws
    /// std::system_error when it is no listening UNIX stream socket.
    explicit StatusSocket(UniqueFd inherited);

    StatusSocket(const StatusSocket&) = delete;
    StatusSocket& operator=(const StatusSocket&) = delete;
    ~StatusSocket();

    int fd() const { return fd_.get(); }
    const std::string& path() const { return path_; }

  private:
    std::string path_;
    UniqueFd fd_;
    ino_t inode_ = 0;
};

/// As the kernel noted it when the peer connected.
struct Peer {
    uid_t uid = 0;
    std::vector<gid_t> groups; ///< the primary one first; never none
    pid_t pid = 0;
};

/// Throws std::system_error.
Peer peer_of(int connection);

} // namespace sshpermd
