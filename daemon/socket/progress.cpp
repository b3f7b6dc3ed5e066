#include "socket/progress.hpp"

#include "socket/reply_to.hpp"
#include "socket/server_message.hpp"

#include <boost/asio/write.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace sshpermd {
namespace {

using boost::asio::local::stream_protocol;

constexpr std::chrono::seconds to_go_on{60};
constexpr std::chrono::seconds for_the_asker{10};

class Telling : public std::enable_shared_from_this<Telling> {
  public:
    Telling(Server::House& house, stream_protocol::socket socket)
        : house_(house), socket_(std::move(socket)), deadline_(socket_.get_executor()) {
        house_.guests().enter_follower();
    }
    Telling(const Telling&) = delete;
    Telling& operator=(const Telling&) = delete;
    ~Telling() { house_.guests().leave_follower(); }

    void ask(RepairRequest request) {
        within(to_go_on); // holds this, too
        house_.ask()(std::move(request), reply_to(weak_from_this()));
    }

    auto executor() { return socket_.get_executor(); }

    void hear(const Answer& answer) {
        const bool is_step = std::holds_alternative<Step>(answer);
        if (is_ending_ || (is_step && is_writing_)) // a slow reader misses steps, not the end
            return;
        const auto document = document_of(answer, so_far_);
        if (!document)
            return;
        is_ending_ = !is_step;
        if (!has_head_ && document->status != 200)
            next_ = message_of(*document);
        else
            next_ =
                (has_head_ ? "" : head_of_stream("application/x-ndjson")) + document->body + "\n";
        has_head_ = true;
        if (!is_writing_)
            write();
    }

  private:
    void write() {
        is_writing_ = true;
        text_ = std::exchange(next_, {});
        within(for_the_asker);
        boost::asio::async_write(socket_, boost::asio::buffer(text_),
                                 [self = shared_from_this()](const BoostError& error, std::size_t) {
                                     self->is_writing_ = false;
                                     if (!error && !self->next_.empty())
                                         self->write();
                                     else if (!error && !self->is_ending_)
                                         self->within(to_go_on);
                                     else
                                         self->deadline_.cancel();
                                 });
    }

    void within(std::chrono::seconds time) {
        deadline_.expires_after(time);
        deadline_.async_wait([self = shared_from_this()](const BoostError& error) {
            const bool is_late = boost::asio::steady_timer::clock_type::now() >=
                                 self->deadline_.expiry(); // or another has been set meanwhile
            BoostError ignored;
            if (!error && is_late)
                self->socket_.close(ignored);
        });
    }

    Server::House& house_;
    stream_protocol::socket socket_;
    boost::asio::steady_timer deadline_;
    CheckText so_far_;
    std::string text_; ///< that is being written
    std::string next_; ///< behind it
    bool has_head_ = false;
    bool is_writing_ = false;
    bool is_ending_ = false;
};

} // namespace

void begin_telling(Server::House& house, stream_protocol::socket connection,
                   RepairRequest request) {
    std::make_shared<Telling>(house, std::move(connection))->ask(std::move(request));
}

} // namespace sshpermd
