#include "socket/status.hpp"

#include "socket/asking.hpp"
#include "socket/status_text.hpp"
#include "system/config_file.hpp"

#include <chrono>
#include <iomanip>
#include <iostream>
#include <optional>

namespace sshpermd {
namespace {

using Clock = std::chrono::steady_clock;

/// What cannot be read, or used, is not needed.
std::optional<Config> config_of(const Options& options) {
    try {
        return load_config(options.config_file).config;
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

} // namespace

ExitCode status(const Options& options) {
    const auto [body, code] = ask_daemon({"GET", "/v1/status", {}}, options);
    if (!body)
        return code;
    if (options.output == Output::json) {
        std::cout << *body << '\n';
        return ExitCode::ok;
    }
    if (options.verbosity != Verbosity::quiet &&
        !print_status(std::cout, *body, config_of(options)))
        return complain_of_other_version();
    return ExitCode::ok;
}

ExitCode ping(const Options& options) {
    const auto begun = Clock::now();
    const auto [body, code] = ask_daemon({"GET", "/v1/health", {}}, options);
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
