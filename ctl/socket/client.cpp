#include <utility> // Asio of Boost 1.74 forgot it

#include "socket/client.hpp"

#include "socket/http_exchange.hpp"
#include "system/config_file.hpp"

#include <boost/asio/local/stream_protocol.hpp>
#include <nlohmann/json.hpp>

#include <cstdint>

namespace sshpermd {
namespace {

namespace http = boost::beast::http;
using boost::asio::local::stream_protocol;

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

HttpAnswer run(const std::string& path, const HttpRequest& request, std::chrono::seconds within,
               const std::function<void(std::string_view line)>& each) {
    using Exchange = HttpExchange<stream_protocol>;
    Exchange exchange{stream_protocol::endpoint(path), message_of(request), largest_answer, within};
    auto answer = exchange.run(each);
    if (exchange.is_late())
        throw NobodyAnswers("the daemon at " + path + " does not answer in time");
    if (exchange.error() == boost::system::errc::permission_denied)
        throw MayNotAsk("the daemon at " + path + " answers root and the group sshperm only");
    if (exchange.error())
        throw NobodyAnswers("no daemon answers at " + path + " (" + exchange.error().message() +
                            ")");
    return {answer.result_int(), std::move(answer.body())};
}

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
        return run(socket, request, within, each);
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
