#include "socket/server_message.hpp"

namespace sshpermd {

std::string head_of(const Document& document) {
    return "HTTP/1.1 " + std::to_string(document.status) + " " +
           std::string{title_of(document.status)} + "\r\nContent-Type: " + document.type +
           "\r\nConnection: close\r\nContent-Length: " + std::to_string(document.body.size()) +
           "\r\n\r\n";
}

std::string message_of(const Document& document) { return head_of(document) + document.body; }

std::string head_of_stream(std::string_view type) {
    return "HTTP/1.1 200 OK\r\nContent-Type: " + std::string{type} +
           "\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n";
}

} // namespace sshpermd
