#include "socket/session.hpp"

#include "socket/endpoints.hpp"
#include "socket/follower.hpp"
#include "socket/progress.hpp"
#include "socket/reply_to.hpp"
#include "socket/server_message.hpp"

#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <array>
#include <chrono>
#include <optional>
#include <string_view>
#include <system_error>

namespace sshpermd {
namespace {

namespace http = boost::beast::http;
using boost::asio::local::stream_protocol;
using std::chrono::seconds;

constexpr std::size_t max_header = 8192;

constexpr seconds to_send_a_request{2};
constexpr seconds to_answer{10};
constexpr seconds to_repair{60};
constexpr seconds to_read_the_answer{10};

/// What a request that could not be read was; nothing when nobody is there to be told.
std::optional<Problem> problem_of(const BoostError& error) {
    if (error == http::error::header_limit || error == http::error::buffer_overflow)
        return Problem{431, "the header is longer than 8 KiB; send less"};
    if (error == http::error::body_limit)
        return Problem{413, "the body is longer than 8 KiB; name fewer users, or none for all"};
    if (error == http::error::end_of_stream || error.category() == boost::system::system_category())
        return std::nullopt;
    return Problem{400, "this is no HTTP/1.1 request (" + error.message() +
                            "); try: curl --unix-socket PATH http://localhost/v1/health"};
}

class Session : public std::enable_shared_from_this<Session> {
  public:
    Session(Server::House& house, stream_protocol::socket socket, Peer peer)
        : house_(house),
          peer_(std::move(peer)),
          socket_(std::move(socket)),
          deadline_(socket_.get_executor()),
          retry_(socket_.get_executor()) {
        parser_.header_limit(max_header);
        parser_.body_limit(max_request);
        house_.guests().enter(peer_.uid);
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session() { house_.guests().leave(peer_.uid); }

    void read() {
        within(to_send_a_request);
        http::async_read(socket_, buffer_, parser_,
                         [self = shared_from_this()](const BoostError& error, std::size_t) {
                             if (self->phase_ == Phase::reading)
                                 self->read_all(error);
                         });
    }

    auto executor() { return socket_.get_executor(); }

    /// What the loop answers.
    void hear(const Answer& answer) {
        if (phase_ != Phase::waiting)
            return;
        if (std::holds_alternative<Step>(answer))
            return within(to_repair);
        if (auto document = document_of(answer, so_far_))
            send(*std::move(document));
        else
            within(to_repair);
    }

  private:
    enum class Phase { reading, waiting, writing };

    void read_all(const BoostError& error) {
        if (!error)
            return route();
        if (auto problem = problem_of(error))
            return send(document_of(*problem));
        deadline_.cancel();
    }

    void route() {
        const auto& request = parser_.get();
        const std::string method{request.method_string()};
        const std::string target{request.target()};
        if (!house_.guests().may_read(peer_))
            return deny("only root and members of the socket's group may ask; join the group, or "
                        "use sudo");
        try {
            const auto found = find_endpoint(method, target);
            if (const auto* const missing = std::get_if<NotThere>(&found))
                return refuse(missing->status, missing->detail);
            const auto& wanted = std::get<Wanted>(found);
            if (wanted.is_change && peer_.uid != 0)
                return deny("only root may change anything; use sudo");
            answer(wanted, request.body());
        } catch (const RequestError& error) {
            refuse(400, error.what());
        }
    }

    void answer(const Wanted& wanted, const std::string& body) {
        switch (wanted.endpoint) {
        case Endpoint::health: return ask(HealthRequest{});
        case Endpoint::version: return send(version_document(house_.version()));
        case Endpoint::status: return show(status_document);
        case Endpoint::users:
            return show([query = parse_user_query(wanted.target)](const Snapshot& snapshot) {
                return users_document(snapshot, query);
            });
        case Endpoint::config: return show(config_document);
        case Endpoint::metrics: return show(metrics_document);
        case Endpoint::user: return ask(UserRequest{wanted.user});
        case Endpoint::events: return tell_events(parse_event_query(wanted.target));
        case Endpoint::check: return ask(parse_check_request(body), to_repair);
        case Endpoint::repair: return repair(wanted, parse_repair_request(body));
        case Endpoint::add_key:
            return ask(AskedKey{parse_add_key_request(body), asker()}, to_repair);
        case Endpoint::undo: return ask(AskedUndo{parse_undo_request(body), asker()}, to_repair);
        case Endpoint::forget: return ask(parse_forget_request(body));
        case Endpoint::pause: return ask(AskedPause{parse_pause_request(body), asker()});
        case Endpoint::resume: require_empty(body); return ask(ResumeRequest{asker()});
        case Endpoint::reload: require_empty(body); return ask(ReloadRequest{}, to_repair);
        }
    }

    Asker asker() const { return {peer_.uid, peer_.groups.front(), peer_.pid}; }

    void ask(Request request, seconds patience = to_answer) {
        wait(patience);
        house_.ask()(std::move(request), reply_to(weak_from_this()));
    }

    void repair(const Wanted& wanted, RepairRequest request) {
        if (!parse_repair_query(wanted.target).follow)
            return ask(std::move(request), to_repair);
        if (!house_.guests().has_room_for_follower())
            return refuse(503, "too many follow already; ask without follow=1");
        begin_telling(house_, std::move(socket_), std::move(request));
        left();
    }

    /// The connection is another's now.
    void left() {
        phase_ = Phase::writing;
        deadline_.cancel();
    }

    /// What is seen in a snapshot.
    template <typename View>
    void show(View view) {
        wait(to_answer);
        house_.snapshots().want(
            [waiting = weak_from_this(), view = std::move(view)](const Snapshot& snapshot) {
                const auto self = waiting.lock();
                if (self && self->phase_ == Phase::waiting)
                    self->send(view(snapshot));
            });
    }

    void tell_events(const EventQuery& query) {
        wait(to_answer);
        try {
            const auto place = place_of(query);
            if (!place)
                return refuse(410, "the record has no event with this id (any more); ask since a "
                                   "time");
            if (!query.follow)
                return read_events(*place, query.limit.value_or(EventQuery::most));
            if (!house_.guests().has_room_for_follower())
                return refuse(503, "too many follow the events already; try again later");
            begin_following(house_, std::move(socket_), *place);
            left();
        } catch (const std::system_error& error) {
            refuse(500, "the record cannot be read: " + std::string{error.what()});
        }
    }

    std::optional<RecordPlace> place_of(const EventQuery& query) const {
        constexpr std::size_t usual = 100;
        const auto& record = house_.record();
        if (!query.since_id.empty())
            return record.behind(query.since_id);
        if (!query.since_time.empty())
            return record.from(query.since_time);
        return record.before_last(query.limit.value_or(query.follow ? 0 : usual));
    }

    void read_events(RecordPlace place, std::size_t limit) {
        constexpr std::size_t most_bytes = 4U << 20U;
        constexpr std::chrono::milliseconds pause{10};
        auto next = place;
        if (const auto lines = house_.record().read(next, most_bytes, limit))
            return send(events_document(lines->text, lines->is_all));
        retry_.expires_after(pause);
        retry_.async_wait([self = shared_from_this(), place, limit](const BoostError& error) {
            if (!error && self->phase_ == Phase::waiting)
                self->read_events(place, limit);
        });
    }

    void deny(std::string detail) {
        const auto& request = parser_.get();
        house_.note_denial(peer_, std::string{request.method_string()} + " " +
                                      std::string{request.target()});
        refuse(403, std::move(detail));
    }

    void refuse(unsigned status, std::string detail) {
        send(document_of(Problem{status, std::move(detail)}));
    }

    void send(Document document) {
        phase_ = Phase::writing;
        within(to_read_the_answer);
        head_ = head_of(document);
        body_ = std::move(document.body);
        const std::array message{boost::asio::buffer(head_), boost::asio::buffer(body_)};
        boost::asio::async_write(socket_, message,
                                 [self = shared_from_this()](const BoostError&, std::size_t) {
                                     self->deadline_.cancel(); // the last to know this session goes
                                 });
    }

    void wait(seconds patience) {
        phase_ = Phase::waiting;
        within(patience);
    }

    void within(seconds time) {
        deadline_.expires_after(time);
        deadline_.async_wait([self = shared_from_this()](const BoostError& error) {
            const bool is_late = boost::asio::steady_timer::clock_type::now() >=
                                 self->deadline_.expiry(); // or another has been set meanwhile
            if (!error && is_late)
                self->late();
        });
    }

    void late() {
        BoostError ignored;
        switch (phase_) {
        case Phase::reading:
            phase_ = Phase::writing;
            socket_.cancel(ignored);
            return refuse(408, "a request has to come within 2 seconds");
        case Phase::waiting:
            return refuse(504, "not done in time; it goes on, and the journal will say what was "
                               "done (journalctl -u sshpermd)");
        case Phase::writing: socket_.close(ignored);
        }
    }

    Server::House& house_;
    Peer peer_;
    stream_protocol::socket socket_;
    boost::asio::steady_timer deadline_;
    boost::asio::steady_timer retry_; ///< of a look into the record
    boost::beast::flat_buffer buffer_{max_header + max_request};
    http::request_parser<http::string_body> parser_;
    CheckText so_far_; ///< of a check or a repair that goes on
    std::string head_;
    std::string body_;
    Phase phase_ = Phase::reading;
};

} // namespace

void begin_session(Server::House& house, stream_protocol::socket connection, Peer peer) {
    std::make_shared<Session>(house, std::move(connection), std::move(peer))->read();
}

} // namespace sshpermd
