#include <utility> // Asio of Boost 1.74 forgot it

#include "key_files/instance_metadata.hpp"

#include "event/text.hpp"
#include "socket/http_exchange.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

namespace sshpermd {
namespace {

namespace http = boost::beast::http;
namespace ip = boost::asio::ip;

constexpr const char* variable = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
constexpr std::uint64_t largest_answer = 16384;
constexpr std::chrono::seconds patience{2};

bool may_be_asked(const ip::address& address) {
    if (address.is_v4())
        return address.is_loopback() || (address.to_v4().to_uint() >> 16U) == 0xa9feU;
    return address.is_loopback() || address.to_v6().is_link_local() ||
           address == ip::make_address("fd00:ec2::254");
}

/// "http://ADDRESS[:PORT][/]", an address of IPv6 in brackets.
std::optional<ip::tcp::endpoint> endpoint_of(std::string_view url) {
    constexpr std::string_view scheme = "http://";
    if (!url.starts_with(scheme))
        return std::nullopt;
    url.remove_prefix(scheme.size());
    if (url.ends_with('/'))
        url.remove_suffix(1);
    const bool is_v6 = url.starts_with('[');
    const auto end = is_v6 ? url.find(']') : url.find(':');
    const auto host = url.substr(is_v6 ? 1 : 0, is_v6 ? end - 1 : end);
    auto rest = end == std::string_view::npos ? "" : url.substr(end + (is_v6 ? 1 : 0));
    std::uint16_t port = 80;
    if (rest.starts_with(':')) {
        rest.remove_prefix(1);
        const auto [stop, error] = std::from_chars(rest.data(), rest.data() + rest.size(), port);
        rest.remove_prefix(static_cast<std::size_t>(stop - rest.data()));
        if (error != std::errc{} || port == 0)
            return std::nullopt;
    }
    boost::system::error_code bad;
    const auto address = ip::make_address(std::string{host}, bad);
    if (bad || !rest.empty() || !may_be_asked(address))
        return std::nullopt;
    return ip::tcp::endpoint{address, port};
}

ip::tcp::endpoint service() {
    const char* const given = std::getenv(variable);
    if (given == nullptr || *given == '\0')
        return {ip::make_address("169.254.169.254"), 80};
    const auto endpoint = endpoint_of(given);
    if (!endpoint)
        throw NoLaunchKey(std::string{variable} + " is \"" + printable(given) +
                          "\", which is not http:// and a loopback or link-local address");
    return *endpoint;
}

struct Question {
    http::verb method;
    const char* path;
    const char* field; ///< of the header
    std::string value;
};

std::string ask(const ip::tcp::endpoint& endpoint, const Question& question) {
    http::request<http::string_body> message{question.method, question.path, 11};
    message.set(http::field::host, endpoint.address().to_string());
    message.set(http::field::connection, "close");
    message.set(question.field, question.value);
    message.prepare_payload();
    HttpExchange<ip::tcp> exchange{endpoint, std::move(message), largest_answer, patience};
    auto answer = exchange.run();
    const auto where = endpoint.address().to_string();
    if (exchange.is_late())
        throw NoLaunchKey("the instance metadata service at " + where + " does not answer in time");
    if (exchange.error())
        throw NoLaunchKey("no instance metadata service answers at " + where + " (" +
                          exchange.error().message() +
                          "): is this an EC2 instance, and is the "
                          "service switched on?");
    if (answer.result() == http::status::not_found)
        throw NoLaunchKey("the instance was launched without a key pair");
    if (answer.result() != http::status::ok)
        throw NoLaunchKey("the instance metadata service at " + where + " answers " +
                          std::to_string(answer.result_int()) + " to " + question.path);
    return std::move(answer.body());
}

} // namespace

std::string read_launch_key() {
    const auto endpoint = service();
    const auto token = ask(endpoint, {http::verb::put, "/latest/api/token",
                                      "X-aws-ec2-metadata-token-ttl-seconds", "60"});
    if (token.empty() || token.find_first_of(std::string_view{"\r\n\0", 3}) != std::string::npos)
        throw NoLaunchKey("the instance metadata service gives no token");
    return ask(endpoint, {http::verb::get, "/latest/meta-data/public-keys/0/openssh-key",
                          "X-aws-ec2-metadata-token", token});
}

} // namespace sshpermd
