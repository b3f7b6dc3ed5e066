// The commands of sshpermctl and their options.
#pragma once

#include "exit_code.hpp"
#include "options.hpp"

#include <functional>

namespace CLI {
class App;
}

namespace sshpermd {

using Command = std::function<ExitCode(const Options&)>;

inline constexpr const char* list_of_commands =
    "check, repair, undo, explain, keys, check-key, add-key, status, users, events, pause, resume, "
    "reload, metrics, ping, forget, config show, config check, config suggest and version";

/// Adds them all; parsing sets `chosen` to the one that was given, and the options.
void add_commands(CLI::App& app, Options& options, Command& chosen);

} // namespace sshpermd
