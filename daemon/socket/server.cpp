#include "socket/server.hpp"

#include "socket/house.hpp"
#include "socket/server_message.hpp"
#include "socket/session.hpp"

#include <pthread.h>

#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <chrono>

namespace sshpermd {

using boost::asio::local::stream_protocol;

Server::House::House(std::unique_ptr<StatusSocket> socket, std::optional<gid_t> group,
                     std::string version, Ask ask, News news)
    : ask_(std::move(ask)),
      version_(std::move(version)),
      guests_(group),
      file_(std::move(socket)),
      snapshots_(io_, ask_, std::move(news)) {
    acceptor_.assign(stream_protocol{}, dup(file_->fd()));
    accept();
    thread_ = std::thread{[this] {
        pthread_setname_np(pthread_self(), "socket");
        run();
    }};
}

Server::House::~House() {
    io_.stop();
    thread_.join();
}

void Server::House::run() {
    for (;;) {
        try {
            io_.run();
            return;
        } catch (const std::exception& error) { // one connection's end, not the server's
            spdlog::error("status socket: {}", error.what());
        }
    }
}

void Server::House::accept() {
    acceptor_.async_accept([this](const BoostError& error, stream_protocol::socket connection) {
        if (error == boost::asio::error::operation_aborted)
            return;
        if (error)
            return pause(); // no descriptor left: some will be, soon
        accept();
        receive(std::move(connection));
    });
}

void Server::House::pause() {
    pause_.expires_after(std::chrono::milliseconds{100});
    pause_.async_wait([this](const BoostError& error) {
        if (!error)
            accept();
    });
}

void Server::House::receive(stream_protocol::socket connection) {
    auto peer = peer_of(connection.native_handle());
    if (guests_.has_room_for(peer.uid))
        return begin_session(*this, std::move(connection), std::move(peer));
    BoostError ignored;
    connection.non_blocking(true, ignored); // the little there is to say fits its buffer
    const auto message = message_of(document_of(Problem{503, "too many connections; try again"}));
    connection.write_some(boost::asio::buffer(message), ignored);
}

void Server::House::note_denial(const Peer& peer, const std::string& what) {
    const auto suppressed = denials_.happened(Incident::Clock::now());
    if (suppressed)
        ask_(Denial{{peer.uid, peer.groups.front(), peer.pid}, what, *suppressed},
             [](const Answer& /*none*/) {});
}

Server::Server(std::unique_ptr<StatusSocket> socket, std::optional<gid_t> group,
               std::string version, Ask ask, News news)
    : house_(std::make_unique<House>(std::move(socket), group, std::move(version), std::move(ask),
                                     std::move(news))) {}

Server::~Server() = default;

} // namespace sshpermd
