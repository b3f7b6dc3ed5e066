#include <utility> // Asio of Boost 1.74 forgot it

#include "socket/stream.hpp"

#include "policy/fields.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

namespace sshpermd {
namespace {

using boost::asio::local::stream_protocol;
using Error = boost::system::error_code;

constexpr std::size_t largest_head = 8192;
constexpr std::size_t largest_line = 65536;

/// Of "HTTP/1.1 200 OK"; 0 for anything else.
unsigned status_of(std::string_view head) {
    take_field(head, " ");
    return static_cast<unsigned>(decimal(take_field(head, " ")).value_or(0));
}

} // namespace

HttpAnswer read_stream(const std::string& socket, const std::string& path,
                       const std::function<void(std::string_view line)>& each) {
    boost::asio::io_context io{1};
    stream_protocol::socket connection{io};
    Error error;
    connection.connect(stream_protocol::endpoint(socket), error);
    if (error == boost::system::errc::permission_denied)
        throw MayNotAsk("the daemon at " + socket + " answers root and the group sshperm only");
    if (!error)
        boost::asio::write(
            connection, boost::asio::buffer("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            error);
    std::string text;
    auto buffer = boost::asio::dynamic_buffer(text, largest_head);
    const auto head = error ? 0 : boost::asio::read_until(connection, buffer, "\r\n\r\n", error);
    if (error)
        throw NobodyAnswers("no daemon answers at " + socket + " (" + error.message() + ")");
    HttpAnswer answer{status_of(text), {}};
    text.erase(0, head);
    auto rest = boost::asio::dynamic_buffer(text, largest_line);
    if (answer.status != 200) {
        boost::asio::read(connection, rest, error);
        answer.body = std::move(text);
        return answer;
    }
    for (;;) {
        const auto length = boost::asio::read_until(connection, rest, '\n', error);
        if (error)
            return answer;
        each(std::string_view{text}.substr(0, length - 1));
        rest.consume(length);
    }
}

} // namespace sshpermd
