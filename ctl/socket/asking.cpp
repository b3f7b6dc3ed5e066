#include "socket/asking.hpp"

#include "complain.hpp"

#include <chrono>

namespace sshpermd {
namespace {

/// A loop that is busy for so long is not well.
constexpr std::chrono::seconds patience{10};

} // namespace

ExitCode complain_of(const HttpAnswer& answer) {
    switch (answer.status) {
    case 400: return complain(problem_of(answer), ExitCode::usage);
    case 403: return complain(problem_of(answer), ExitCode::permission_denied);
    case 422: return complain(problem_of(answer), ExitCode::bad_config);
    case 504: return complain(problem_of(answer), ExitCode::not_running);
    default: return complain(problem_of(answer), ExitCode::failed);
    }
}

ExitCode complain_of(const NobodyAnswers& error) {
    if (dynamic_cast<const MayNotAsk*>(&error) != nullptr)
        return complain(error.what(), ExitCode::permission_denied);
    return complain(std::string{error.what()} + "; see 'systemctl status sshpermd'",
                    ExitCode::not_running);
}

ExitCode complain_of_other_version() {
    return complain("the daemon's answer is not what was asked for (is it of another version?)",
                    ExitCode::failed);
}

Asked ask_daemon(const HttpRequest& request, const Options& options) {
    try {
        auto answer = ask(socket_of(options), request, patience);
        if (answer.status == 200)
            return {std::move(answer.body), ExitCode::ok};
        return {std::nullopt, complain_of(answer)};
    } catch (const NobodyAnswers& error) {
        return {std::nullopt, complain_of(error)};
    }
}

} // namespace sshpermd
