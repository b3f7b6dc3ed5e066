#include "socket/control.hpp"

#include "complain.hpp"
#include "event/text.hpp"
#include "reconcile/request.hpp"
#include "replace_file.hpp"
#include "socket/asking.hpp"

#include <nlohmann/json.hpp>

#include <iostream>

namespace sshpermd {
namespace {

ExitCode tell(const std::string& path, const std::string& body, const Options& options,
              const std::string& done) {
    const auto [answer, code] = ask_daemon({"POST", path, body}, options);
    if (!answer)
        return code;
    if (options.output == Output::json)
        std::cout << *answer << '\n';
    else if (options.verbosity != Verbosity::quiet)
        std::cout << done << '\n';
    return ExitCode::ok;
}

} // namespace

ExitCode pause(const Options& options) {
    const PauseRequest request{options.pause_for, options.reason};
    const auto [answer, code] = ask_daemon({"POST", "/v1/pause", to_json(request)}, options);
    if (!answer)
        return code;
    const auto pause = nlohmann::json::parse(*answer, nullptr, false);
    if (!pause.is_object() || !pause.contains("until") || !pause["until"].is_string())
        return complain_of_other_version();
    if (options.output == Output::json)
        std::cout << *answer << '\n';
    else if (options.verbosity != Verbosity::quiet)
        std::cout << "repairs are paused until " << printable(pause["until"].get<std::string>())
                  << "; drift is only reported until then, or until 'sshpermctl resume'\n";
    return ExitCode::ok;
}

ExitCode resume(const Options& options) {
    return tell("/v1/resume", {}, options, "repairs are made");
}

ExitCode reload(const Options& options) {
    return tell("/v1/reload", {}, options, "the configuration was read again and is in force");
}

ExitCode metrics(const Options& options) {
    const auto [page, code] = ask_daemon({"GET", "/metrics", {}}, options);
    if (!page)
        return code;
    if (options.textfile)
        replace_file(*options.textfile, *page);
    else
        std::cout << *page;
    return ExitCode::ok;
}

} // namespace sshpermd
