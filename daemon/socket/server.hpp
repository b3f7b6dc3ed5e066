// Server: the status socket's thread (docs/socket.md). It knows nothing but the function it asks,
// and the record, which it reads itself.
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
    /// Members of the group may read. Throws std::system_error.
    Server(std::unique_ptr<StatusSocket> socket, std::optional<gid_t> group, std::string version,
           Ask ask, News news);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Ends all connections, whatever they wait for. Replies that come later go nowhere; they come
    /// from the thread that does this.
    ~Server();

    class House;

  private:
    std::unique_ptr<House> house_;
};

} // namespace sshpermd
