// Server: the status socket's thread (docs/socket.md). It knows nothing but the function it asks.
#pragma once

#include "exchange.hpp"
#include "system/status_socket.hpp"

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>

namespace sshpermd {

class Server {
  public:
    /// Listens when it is made. `ask` is called in the server's thread and outlives the server.
    /// Throws std::system_error when there can be no socket at the path.
    Server(const std::string& path, std::optional<gid_t> group, std::string version, Ask ask);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Ends all connections, whatever they wait for. Replies that come later go nowhere; they come
    /// from the thread that does this.
    ~Server();

  private:
    class House;
    class Session;

    std::unique_ptr<House> house_;
};

} // namespace sshpermd
