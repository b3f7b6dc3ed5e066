// Asking the daemon: one question, and what it means to a script when there is no answer.
#pragma once

#include "exit_code.hpp"
#include "options.hpp"
#include "socket/client.hpp"

#include <optional>
#include <string>

namespace sshpermd {

/// What went wrong was said when there is no body.
struct Asked {
    std::optional<std::string> body;
    ExitCode code = ExitCode::ok;
};

Asked ask_daemon(const HttpRequest& request, const Options& options);

/// Says why an answer that is not 200 is none.
ExitCode complain_of(const HttpAnswer& answer);

/// Says that nobody answers, or not this user.
ExitCode complain_of(const NobodyAnswers& error);

/// For an answer that is not what it should be.
ExitCode complain_of_other_version();

} // namespace sshpermd
