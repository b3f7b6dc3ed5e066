// What the service manager is told: ready, stopping, and one line of status.
#pragma once

#include "io/unique_fd.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace sshpermd {

/// All of these do nothing outside a service of Type=notify.
void notify_ready();
void notify_stopping();
void notify_status(const std::string& line);
void notify_alive();

/// In which it wants to hear notify_alive(), else it ends this process; nothing when it does not.
std::optional<std::chrono::microseconds> watchdog_period();

/// The socket that the service manager listens at for us; none when there is none, or several.
/// Nobody started from here inherits it, or hears of it.
UniqueFd passed_socket();

} // namespace sshpermd
