// Progress: a connection that is told how far a repair has come, and then what was found and done.
#pragma once

#include "socket/house.hpp"

#include <boost/asio/local/stream_protocol.hpp>

namespace sshpermd {

/// One line of JSON each quarter second at most, then one with the check. A request that cannot be
/// carried out is refused as any other; who goes, or does not read for ten seconds, ends the
/// connection and not the repair.
void begin_telling(Server::House& house, boost::asio::local::stream_protocol::socket connection,
                   RepairRequest request);

} // namespace sshpermd
