// The client of the daemon's status socket (docs/socket.md).
#pragma once

#include "options.hpp"

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace sshpermd {

struct HttpRequest {
    std::string method;
    std::string path;
    std::string body;
};

struct HttpAnswer {
    unsigned status = 0;
    std::string body;
};

/// No daemon is there, or it does not answer; what() is half a sentence that names the socket.
class NobodyAnswers : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// One is there, but not for this user.
class MayNotAsk : public NobodyAnswers {
  public:
    using NobodyAnswers::NobodyAnswers;
};

/// Where the daemon answers. A configuration that cannot be used is not the daemon's, either.
/// Throws std::system_error when it cannot be read.
std::string socket_of(const Options& options);

/// One request over a connection of its own. Throws NobodyAnswers, also when there is no whole
/// answer within the time.
HttpAnswer ask(const std::string& socket, const HttpRequest& request, std::chrono::seconds within);

/// The same for an answer that comes line by line, and has no other body when it is 200: calls
/// `each` with every line. The time begins anew with each.
HttpAnswer ask(const std::string& socket, const HttpRequest& request, std::chrono::seconds within,
               const std::function<void(std::string_view line)>& each);

/// What an answer that is not 200 complains of (RFC 9457), fit for a person.
std::string problem_of(const HttpAnswer& answer);

} // namespace sshpermd
