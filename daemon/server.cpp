#include <utility> // Asio of Boost 1.74 forgot it

#include "server.hpp"

#include "guests.hpp"
#include "server_json.hpp"
#include "server_message.hpp"
#include "system/status_socket.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <thread>

namespace sshpermd {
namespace {

namespace http = boost::beast::http;
using boost::asio::local::stream_protocol;
using std::chrono::seconds;
using BoostError = boost::system::error_code;

constexpr std::size_t max_header = 8192;

constexpr seconds to_send_a_request{2};
constexpr seconds to_answer{10};
constexpr seconds to_repair{60};
constexpr seconds to_read_the_answer{10};

struct Endpoint {
    std::string_view path;
    http::verb method;
};
constexpr Endpoint get_health{"/v1/health", http::verb::get};
constexpr Endpoint get_status{"/v1/status", http::verb::get};
constexpr Endpoint get_version{"/v1/version", http::verb::get};
constexpr Endpoint post_repair{"/v1/repair", http::verb::post};
constexpr Endpoint post_forget{"/v1/forget", http::verb::post};
constexpr std::array endpoints{get_health, get_status, get_version, post_repair, post_forget};

} // namespace

/// The listener, and who is inside.
class Server::House {
  public:
    House(const std::string& path, std::optional<gid_t> group, std::string version, Ask ask);
    House(const House&) = delete;
    House& operator=(const House&) = delete;
    ~House();

    const Ask& ask() const { return ask_; }
    const std::string& version() const { return version_; }
    Guests& guests() { return guests_; }

  private:
    void run();
    void accept();
    void pause();
    void receive(stream_protocol::socket connection);

    Ask ask_;
    std::string version_;
    Guests guests_; ///< before io_: sessions leave late
    StatusSocket file_;
    boost::asio::io_context io_{1};
    stream_protocol::acceptor acceptor_{io_};
    boost::asio::steady_timer pause_{io_};
    std::thread thread_;
};

/// One connection: one request, one answer.
class Server::Session : public std::enable_shared_from_this<Session> {
  public:
    Session(House& house, stream_protocol::socket socket, Peer peer)
        : house_(house),
          peer_(std::move(peer)),
          socket_(std::move(socket)),
          deadline_(socket_.get_executor()) {
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

  private:
    enum class Phase { reading, waiting, writing };

    void read_all(const BoostError& error) {
        if (!error)
            return route();
        if (auto problem = problem_of(error))
            return send(document_of(std::move(*problem)));
        deadline_.cancel();
    }

    void route() {
        const auto& request = parser_.get();
        const std::string_view path{request.target().data(), request.target().size()};
        const auto* const endpoint =
            std::find_if(endpoints.begin(), endpoints.end(),
                         [&](const Endpoint& known) { return known.path == path; });
        if (!house_.guests().may_read(peer_))
            return refuse(403, "only root and members of the socket's group may ask; join the "
                               "group, or use sudo");
        if (endpoint == endpoints.end())
            return refuse(404, "there are GET /v1/health, /v1/status and /v1/version, POST "
                               "/v1/repair and /v1/forget");
        if (request.method() != endpoint->method)
            return refuse(405,
                          "ask for this with " + std::string{http::to_string(endpoint->method)});
        if (endpoint->method == http::verb::post && peer_.uid != 0)
            return refuse(403, "only root may change anything; use sudo");
        try {
            answer(endpoint->path, request.body());
        } catch (const RequestError& error) {
            refuse(400, error.what());
        }
    }

    void answer(std::string_view path, const std::string& body) {
        if (path == get_version.path)
            send(version_document(house_.version()));
        else if (path == get_health.path)
            ask(HealthRequest{}, to_answer);
        else if (path == get_status.path)
            ask(StatusRequest{}, to_answer);
        else if (path == post_repair.path)
            ask(parse_repair_request(body), to_repair);
        else
            ask(parse_forget_request(body), to_answer);
    }

    void ask(Request request, seconds patience) {
        phase_ = Phase::waiting;
        within(patience);
        house_.ask()(std::move(request), [waiting = weak_from_this()](Answer answer) {
            auto self = waiting.lock();
            if (!self)
                return;
            const auto executor = self->socket_.get_executor();
            boost::asio::post(executor,
                              [self = std::move(self), answer = std::move(answer)]() mutable {
                                  if (self->phase_ == Phase::waiting)
                                      self->send(document_of(answer));
                              });
        });
    }

    void refuse(unsigned status, std::string detail) {
        send(document_of(Problem{status, std::move(detail)}));
    }

    void send(Document document) {
        phase_ = Phase::writing;
        within(to_read_the_answer);
        message_ = message_of(std::move(document));
        http::async_write(socket_, message_,
                          [self = shared_from_this()](const BoostError&, std::size_t) {
                              self->deadline_.cancel(); // the last to know this session goes
                          });
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

    House& house_;
    Peer peer_;
    stream_protocol::socket socket_;
    boost::asio::steady_timer deadline_;
    boost::beast::flat_buffer buffer_{max_header + max_request};
    http::request_parser<http::string_body> parser_;
    Message message_;
    Phase phase_ = Phase::reading;
};

Server::House::House(const std::string& path, std::optional<gid_t> group, std::string version,
                     Ask ask)
    : ask_(std::move(ask)), version_(std::move(version)), guests_(group), file_(path, group) {
    acceptor_.assign(stream_protocol{}, dup(file_.fd()));
    accept();
    thread_ = std::thread{[this] { run(); }};
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
    if (!guests_.has_room_for(peer.uid)) {
        BoostError ignored;
        connection.non_blocking(true, ignored); // the little there is to say fits its buffer
        http::write(connection,
                    message_of(document_of(Problem{503, "too many connections; try again"})),
                    ignored);
        return;
    }
    std::make_shared<Session>(*this, std::move(connection), std::move(peer))->read();
}

Server::Server(const std::string& path, std::optional<gid_t> group, std::string version, Ask ask)
    : house_(std::make_unique<House>(path, group, std::move(version), std::move(ask))) {}

Server::~Server() = default;

} // namespace sshpermd
