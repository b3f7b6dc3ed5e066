#include <utility> // Asio of Boost 1.74 forgot it

#include "server_message.hpp"

#include "system/status_socket.hpp"

#include <boost/beast/http/error.hpp>

namespace sshpermd {

namespace http = boost::beast::http;

Message message_of(Document document) {
    Message message{static_cast<http::status>(document.status), 11};
    message.set(http::field::content_type, document.type);
    message.set(http::field::connection, "close");
    message.body() = std::move(document.body);
    message.prepare_payload();
    return message;
}

std::optional<Problem> problem_of(const boost::system::error_code& error) {
    if (error == http::error::header_limit || error == http::error::buffer_overflow)
        return Problem{431, "the header is longer than 8 KiB; send less"};
    if (error == http::error::body_limit)
        return Problem{413, "the body is longer than 8 KiB; name fewer users, or none for all"};
    if (error == http::error::end_of_stream || error.category() == boost::system::system_category())
        return std::nullopt;
    return Problem{400, "this is no HTTP/1.1 request (" + error.message() +
                            "); try: curl --unix-socket PATH http://localhost/v1/health"};
}

} // namespace sshpermd
