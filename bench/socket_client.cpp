// Speaks as much HTTP as a question takes.
#include "socket_client.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <system_error>

#include <nlohmann/json.hpp>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace bench {
namespace {

std::string answer_to(const std::string& socket, const std::string& path) {
    const int connection = connected_to(socket);
    std::string answer;
    if (send_question(connection, path)) {
        char part[16384];
        for (ssize_t size = 0; (size = ::read(connection, part, sizeof part)) > 0;)
            answer.append(part, static_cast<std::size_t>(size));
    }
    ::close(connection);
    if (answer.rfind("HTTP/1.1 200 ", 0) != 0)
        throw std::runtime_error("GET " + path + ": " + answer.substr(0, answer.find('\r')));
    return answer;
}

} // namespace

int connected_to(const std::string& socket) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket.copy(address.sun_path, sizeof address.sun_path - 1);
    const int connection = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection < 0 ||
        ::connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw std::system_error(errno, std::generic_category(), socket);
    return connection;
}

bool send_question(int connection, const std::string& path) {
    const std::string question = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    return ::send(connection, question.data(), question.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(question.size());
}

double time_of_answer(const std::string& socket, const std::string& path) {
    const auto start = std::chrono::steady_clock::now();
    answer_to(socket, path);
    const auto end = std::chrono::steady_clock::now();
    return std::chrono::duration<double, std::micro>(end - start).count();
}

unsigned accounts_known(const std::string& socket) {
    const std::string answer = answer_to(socket, "/v1/status");
    const auto body = answer.substr(answer.find("\r\n\r\n") + 4);
    return nlohmann::json::parse(body).at("accounts").get<unsigned>();
}

} // namespace bench
