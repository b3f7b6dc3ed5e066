// The status socket as any program may speak to it: bytes out, bytes in.
#pragma once

#include "files.hpp"
#include "patience.hpp"

#include <string>
#include <sys/types.h>
#include <vector>

namespace system_tests {

inline const std::string socket_path = "/run/sshpermd/sshpermd.sock";

/// One connection, made as somebody; throws std::system_error when that is not possible.
class Connection {
  public:
    explicit Connection(Owner as = {}, const std::vector<gid_t>& groups = {});
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// As much as is taken before the other side closes.
    void send(const std::string& bytes) const;
    /// Nothing more will be sent.
    void end() const;
    /// Everything until the other side closes, or the time is up.
    std::string receive(Duration within = patience);

  private:
    int fd_ = -1;
};

struct Reply {
    int status = 0; ///< 0: none came
    std::string header;
    std::string body;
};

/// What `bytes` are answered with.
Reply say(const std::string& bytes, Owner as = {}, const std::vector<gid_t>& groups = {});
/// A whole request.
std::string http(const std::string& method, const std::string& path, const std::string& body = {});

} // namespace system_tests
