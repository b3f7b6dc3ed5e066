// What the service manager is told: ready, stopping, and one line of status.
#pragma once

#include <string>

namespace sshpermd {

/// All of these do nothing outside a service of Type=notify.
void notify_ready();
void notify_stopping();
void notify_status(const std::string& line);

} // namespace sshpermd
