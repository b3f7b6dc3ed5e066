// House: the status socket's listener, and what its guests share.
#pragma once

#include <utility> // Asio of Boost 1.74 forgot it

#include "exchange.hpp"
#include "keeper/noise.hpp"
#include "socket/guests.hpp"
#include "socket/server.hpp"
#include "socket/snapshots.hpp"
#include "store/record_reader.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>

#include <memory>
#include <string>
#include <thread>

namespace sshpermd {

/// What asio and its handlers are told.
using BoostError = boost::system::error_code;

/// Everything in it happens in its thread.
class Server::House {
  public:
    House(std::unique_ptr<StatusSocket> socket, std::optional<gid_t> group, std::string version,
          Ask ask, News news);
    House(const House&) = delete;
    House& operator=(const House&) = delete;
    ~House();

    const Ask& ask() const { return ask_; }
    const std::string& version() const { return version_; }
    const RecordReader& record() const { return record_; }
    Guests& guests() { return guests_; }
    Snapshots& snapshots() { return snapshots_; }

    /// Who may not was told so; the loop hears of it, of many once a minute.
    void note_denial(const Peer& peer, const std::string& what);

  private:
    void run();
    void accept();
    void pause();
    void receive(boost::asio::local::stream_protocol::socket connection);

    Ask ask_;
    std::string version_;
    RecordReader record_;
    Incident denials_;
    Guests guests_; ///< before io_: sessions leave late
    std::unique_ptr<StatusSocket> file_;
    boost::asio::io_context io_{1};
    Snapshots snapshots_;
    boost::asio::local::stream_protocol::acceptor acceptor_{io_};
    boost::asio::steady_timer pause_{io_};
    std::thread thread_;
};

} // namespace sshpermd
