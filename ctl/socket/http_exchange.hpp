// HTTP exchange: one request and its answer over a connection of its own.
#pragma once

#include <utility> // Asio of Boost 1.74 forgot it

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string_view>

namespace sshpermd {

/// Connect, write, read: each begins when the one before has ended well. A deadline over all, or,
/// for an answer that comes line by line, over what there is between two lines.
template <typename Protocol>
class HttpExchange {
  public:
    using Error = boost::system::error_code;
    using Endpoint = typename Protocol::endpoint;
    using Request = boost::beast::http::request<boost::beast::http::string_body>;
    using Each = std::function<void(std::string_view line)>;
    using Response = boost::beast::http::response<boost::beast::http::string_body>;

    HttpExchange(Endpoint endpoint, Request request, std::uint64_t largest_answer,
                 std::chrono::seconds within)
        : endpoint_(std::move(endpoint)),
          socket_(io_),
          deadline_(io_),
          within_(within),
          message_(std::move(request)) {
        parser_.body_limit(largest_answer);
    }

    /// Worth something when it is neither late nor an error. With `each` every line of a body that
    /// comes with 200 is taken out of it and given to that.
    Response run(const Each& each = {}) {
        each_ = each;
        begin_to_wait();
        socket_.async_connect(endpoint_, [this](const Error& error) {
            if (goes_on(error))
                write();
        });
        io_.run();
        return parser_.release();
    }

    bool is_late() const { return late_; }
    const Error& error() const { return error_; }

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
        // Who refuses before everything was read answers all the same.
        boost::beast::http::async_write(socket_, message_,
                                        [this](const Error&, std::size_t) { read(); });
    }
    // The header alone first: Beast of Boost 1.74 forgets that a body is too large when a part of
    // it comes together with the header.
    void read() {
        namespace http = boost::beast::http;
        http::async_read_header(socket_, buffer_, parser_, [this](const Error& error, std::size_t) {
            if (goes_on(error))
                read_body();
        });
    }
    void read_body() {
        namespace http = boost::beast::http;
        if (!each_ || parser_.get().result() != http::status::ok) {
            http::async_read(socket_, buffer_, parser_,
                             [this](const Error& error, std::size_t) { end(error); });
            return;
        }
        if (parser_.is_done())
            return end({});
        http::async_read_some(socket_, buffer_, parser_, [this](const Error& error, std::size_t) {
            take_lines();
            if (goes_on(error))
                read_body();
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

    Endpoint endpoint_;
    boost::asio::io_context io_{1};
    typename Protocol::socket socket_;
    boost::asio::steady_timer deadline_;
    std::chrono::seconds within_;
    Request message_;
    boost::beast::http::response_parser<boost::beast::http::string_body> parser_;
    boost::beast::flat_buffer buffer_;
    Each each_;
    std::size_t searched_ = 0; ///< bytes of the body that have no end of a line
    Error error_;
    bool late_ = false;
};

} // namespace sshpermd
