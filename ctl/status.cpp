#include "status.hpp"

#include "client.hpp"
#include "complain.hpp"
#include "status_text.hpp"

#include <chrono>
#include <iomanip>
#include <iostream>
#include <optional>

namespace sshpermd {
namespace {

using Clock = std::chrono::steady_clock;

/// A loop that is busy for so long is not well.
constexpr std::chrono::seconds patience{10};

/// Asks with GET; what went wrong was said when there is no body.
struct Asked {
    std::optional<std::string> body;
    ExitCode code = ExitCode::ok;
};

Asked ask_for(const std::string& path, const Options& options) {
    try {
        auto answer = ask(socket_of(options), {"GET", path, {}}, patience);
        if (answer.status == 200)
            return {std::move(answer.body), ExitCode::ok};
        const auto code = answer.status == 403   ? ExitCode::permission_denied
                          : answer.status == 504 ? ExitCode::not_running
                                                 : ExitCode::failed;
        return {std::nullopt, complain(problem_of(answer), code)};
    } catch (const MayNotAsk& error) {
        return {std::nullopt, complain(error.what(), ExitCode::permission_denied)};
    } catch (const NobodyAnswers& error) {
        return {std::nullopt,
                complain(std::string{error.what()} + "; see 'systemctl status sshpermd'",
                         ExitCode::not_running)};
    }
}

} // namespace

ExitCode status(const Options& options) {
    const auto [body, code] = ask_for("/v1/status", options);
    if (!body)
        return code;
    if (options.output == Output::json) {
        std::cout << *body << '\n';
        return ExitCode::ok;
    }
    if (options.verbosity != Verbosity::quiet && !print_status(std::cout, *body))
        return complain("the daemon's answer is not a status (is it of another version?)",
                        ExitCode::failed);
    return ExitCode::ok;
}

ExitCode ping(const Options& options) {
    const auto begun = Clock::now();
    const auto [body, code] = ask_for("/v1/health", options);
    if (!body)
        return code;
    const auto took = std::chrono::duration<double, std::milli>(Clock::now() - begun).count();
    std::cout << std::fixed << std::setprecision(3);
    if (options.output == Output::json)
        std::cout << "{\"round_trip_ms\":" << took << "}\n";
    else if (options.verbosity != Verbosity::quiet)
        std::cout << "the daemon answers: " << took << " ms\n";
    return ExitCode::ok;
}

} // namespace sshpermd
