// Follower: a connection that is told of every event from some place in the record on.
#pragma once

#include "socket/house.hpp"
#include "store/record_reader.hpp"

#include <boost/asio/local/stream_protocol.hpp>

namespace sshpermd {

/// One line of JSON an event, until the client goes or does not read for five seconds. It reads the
/// record ten times a second and knows of nobody: whoever writes does not wait for it.
void begin_following(Server::House& house, boost::asio::local::stream_protocol::socket connection,
                     RecordPlace place);

} // namespace sshpermd
