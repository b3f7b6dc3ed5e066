#include <utility> // Asio of Boost 1.74 forgot it

#include "client.hpp"

#include "system/config_file.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <nlohmann/json.hpp>

#include <cstdint>

namespace sshpermd {
namespace {

namespace http = boost::beast::http;
using boost::asio::local::stream_protocol;
using Error = boost::system::error_code;

/// Ten thousand homes with everything wrong make 20 MiB.
constexpr std::uint64_t largest_answer = std::uint64_t{256} << 20U;

http::request<http::string_body> message_of(const HttpRequest& request) {
    http::request<http::string_body> message{http::string_to_verb(request.method), request.path,
                                             11};
    message.set(http::field::host, "localhost");
    message.set(http::field::connection, "close");
    if (!request.body.empty())
        message.set(http::field::content_type, "application/json");
    message.body() = request.body;
    message.prepare_payload();
    return message;
}

/// Connect, write, read: each begins when the one before has ended well. A deadline over all.
class Exchange {
  public:
    using Each = std::function<void(std::string_view line)>;

    Exchange(const std::string& path, const HttpRequest& request, std::chrono::seconds within,
             Each each)
        : path_(path),
          socket_(io_),
          deadline_(io_),
          within_(within),
          message_(message_of(request)),
          each_(std::move(each)) {
        parser_.body_limit(largest_answer);
    }

    HttpAnswer run() {
        begin_to_wait();
        socket_.async_connect(stream_protocol::endpoint(path_), [this](const Error& error) {
            if (goes_on(error))
                write();
        });
        io_.run();
        if (late_)
            throw NobodyAnswers("the daemon at " + path_ + " does not answer in time");
        if (error_ == boost::system::errc::permission_denied)
            throw MayNotAsk("the daemon at " + path_ + " answers root and the group sshperm only");
        if (error_)
            throw NobodyAnswers("no daemon answers at " + path_ + " (" + error_.message() + ")");
        auto message = parser_.release();
        return {message.result_int(), std::move(message.body())};
    }

  private:
    bool goes_on(const Error& error) {
        if (!error)
            return true;
        end(error);
        return false;
    }
    void end(const Error& error) {
        error_ = error;
        deadline_.cancel();
    }
    void write() {
        // A daemon that refuses before it has read everything answers all the same.
        http::async_write(socket_, message_, [this](const Error&, std::size_t) { read(); });
    }
    void read() {
        http::async_read_some(socket_, buffer_, parser_, [this](const Error& error, std::size_t) {
            if (!error && each_ && parser_.is_header_done() &&
                parser_.get().result() == http::status::ok)
                take_lines();
            if (error || parser_.is_done())
                return end(error);
            read();
        });
    }
    void take_lines() {
        auto& body = parser_.get().body();
        for (auto end = body.find('\n', searched_); end != std::string::npos;
             end = body.find('\n')) {
            each_(std::string_view{body}.substr(0, end));
            body.erase(0, end + 1);
            begin_to_wait();
        }
        searched_ = body.size();
    }
    void begin_to_wait() {
        deadline_.expires_after(within_);
        deadline_.async_wait([this](const Error& error) {
            if (error)
                return;
            late_ = true;
            Error ignored;
            socket_.close(ignored);
        });
    }

    std::string path_;
    boost::asio::io_context io_{1};
    stream_protocol::socket socket_;
    boost::asio::steady_timer deadline_;
    std::chrono::seconds within_;
    http::request<http::string_body> message_;
    http::response_parser<http::string_body> parser_;
    boost::beast::flat_buffer buffer_;
    std::size_t searched_ = 0; ///< bytes of the body that have no end of a line
    Each each_;
    Error error_;
    bool late_ = false;
};

} // namespace

std::string socket_of(const Options& options) {
    if (options.socket)
        return *options.socket;
    try {
        return load_config(options.config_file).config.socket.path;
    } catch (const ConfigError&) {
        return Config{}.socket.path;
    }
}

HttpAnswer ask(const std::string& socket, const HttpRequest& request, std::chrono::seconds within) {
    return ask(socket, request, within, nullptr);
}

HttpAnswer ask(const std::string& socket, const HttpRequest& request, std::chrono::seconds within,
               const std::function<void(std::string_view line)>& each) {
    try {
        return Exchange{socket, request, within, each}.run();
    } catch (const boost::system::system_error& error) { // a path that fits no socket address
        throw NobodyAnswers("there can be no socket at " + socket + " (" + error.what() + ")");
    }
}

std::string problem_of(const HttpAnswer& answer) {
    const auto json = nlohmann::json::parse(answer.body, nullptr, false);
    if (json.is_object() && json.contains("detail") && json["detail"].is_string())
        return json["detail"].get<std::string>();
    return "the daemon answers with status " + std::to_string(answer.status);
}

} // namespace sshpermd
