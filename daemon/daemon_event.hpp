// The daemon's own events: what happens to it rather than to a target.
#pragma once

#include "event/event.hpp"

#include <string>
#include <system_error>

namespace sshpermd {

Event make_event(EventType type, Severity severity, std::string message);

Event make_event_about(EventType type, Severity severity, const Account& account,
                       std::string message);

EventError error_of(const std::error_code& code);

} // namespace sshpermd
