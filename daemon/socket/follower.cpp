#include "socket/follower.hpp"

#include "socket/server_message.hpp"

#include <boost/asio/buffer.hpp>

#include <poll.h>

#include <chrono>
#include <string>
#include <system_error>

namespace sshpermd {
namespace {

using boost::asio::local::stream_protocol;

constexpr std::size_t most_at_once = 64U << 10U;
constexpr std::size_t most_lines = 1000;
constexpr std::chrono::milliseconds between_looks{100};
constexpr std::chrono::milliseconds until_written{10};
constexpr std::chrono::seconds for_a_reader{5};

class Follower : public std::enable_shared_from_this<Follower> {
  public:
    Follower(Server::House& house, stream_protocol::socket socket, RecordPlace place)
        : house_(house),
          socket_(std::move(socket)),
          timer_(socket_.get_executor()),
          deadline_(socket_.get_executor()),
          place_(place),
          text_(head_of_stream("application/x-ndjson")) {
        house_.guests().enter_follower();
    }
    Follower(const Follower&) = delete;
    Follower& operator=(const Follower&) = delete;
    ~Follower() { house_.guests().leave_follower(); }

    void write() {
        deadline_.expires_after(for_a_reader);
        deadline_.async_wait([waiting = weak_from_this()](const BoostError& error) {
            if (const auto self = waiting.lock(); self && !error)
                self->close_if_late();
        });
        socket_.async_write_some(
            boost::asio::buffer(text_),
            [self = shared_from_this()](const BoostError& error, std::size_t count) {
                self->deadline_.cancel();
                if (!error)
                    self->wrote(count);
            });
    }

  private:
    void wrote(std::size_t count) {
        text_.erase(0, count);
        if (text_.empty())
            look();
        else
            write();
    }

    void look() {
        auto wait = between_looks;
        try {
            auto lines = house_.record().read(place_, most_at_once, most_lines);
            if (lines && !lines->text.empty()) {
                text_ = std::move(lines->text);
                return write();
            }
            if (!lines)
                wait = until_written;
        } catch (const std::system_error&) { // a disk that fails may recover: nothing is skipped
            wait = for_a_reader;
        }
        if (has_gone())
            return;
        timer_.expires_after(wait);
        timer_.async_wait([self = shared_from_this()](const BoostError& error) {
            if (!error)
                self->look();
        });
    }

    /// Who only says no more (half-closed) still listens.
    bool has_gone() {
        pollfd peer{socket_.native_handle(), 0, 0};
        constexpr short gone = POLLHUP | POLLERR | POLLNVAL;
        return poll(&peer, 1, 0) > 0 && (peer.revents & gone) != 0;
    }

    void close_if_late() {
        BoostError ignored;
        if (boost::asio::steady_timer::clock_type::now() >= deadline_.expiry())
            socket_.close(ignored);
    }

    Server::House& house_;
    stream_protocol::socket socket_;
    boost::asio::steady_timer timer_;
    boost::asio::steady_timer deadline_;
    RecordPlace place_;
    std::string text_;
};

} // namespace

void begin_following(Server::House& house, stream_protocol::socket connection, RecordPlace place) {
    std::make_shared<Follower>(house, std::move(connection), place)->write();
}

} // namespace sshpermd
