// Session: one connection to the status socket, one request and its answer. All that needs Beast
// is in its source, which takes long to compile.
#pragma once

#include "socket/house.hpp"
#include "system/status_socket.hpp"

#include <boost/asio/local/stream_protocol.hpp>

namespace sshpermd {

/// It lives until the answer is read, or until it has taken too long.
void begin_session(Server::House& house, boost::asio::local::stream_protocol::socket connection,
                   Peer peer);

} // namespace sshpermd
