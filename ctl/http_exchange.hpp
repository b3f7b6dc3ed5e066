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

namespace sshpermd {

/// Connect, write, read: each begins when the one before has ended well. A deadline over all.
template <typename Protocol>
class HttpExchange {
  public:
    using Error = boost::system::error_code;
    using Endpoint = typename Protocol::endpoint;
    using Request = boost::beast::http::request<boost::beast::http::string_body>;
    using Response = boost::beast::http::response<boost::beast::http::string_body>;

    HttpExchange(Endpoint endpoint, Request request, std::uint64_t largest_answer,
                 std::chrono::seconds within)
        : endpoint_(std::move(endpoint)),
          socket_(io_),
          deadline_(io_, within),
          message_(std::move(request)) {
        parser_.body_limit(largest_answer);
    }

    /// Worth something when it is neither late nor an error.
    Response run() {
        deadline_.async_wait([this](const Error& error) {
            if (error)
                return;
            late_ = true;
            socket_.close();
        });
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
        http::async_read(socket_, buffer_, parser_,
                         [this](const Error& error, std::size_t) { end(error); });
    }

    Endpoint endpoint_;
    boost::asio::io_context io_{1};
    typename Protocol::socket socket_;
    boost::asio::steady_timer deadline_;
    Request message_;
    boost::beast::http::response_parser<boost::beast::http::string_body> parser_;
    boost::beast::flat_buffer buffer_;
    Error error_;
    bool late_ = false;
};

} // namespace sshpermd
