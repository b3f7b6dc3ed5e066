// The daemon's own events: what happens to it rather than to a target.
#pragma once

#include "event/event.hpp"

#include <string>
#include <system_error>

namespace sshpermd {

Event make_event(EventType type, Severity severity, std::string message);

/// A trouble begins, by an event of its own type or as daemon.degraded.
Event make_trouble(Trouble trouble, Severity severity, std::string message,
                   EventType type = EventType::daemon_degraded);

/// daemon.recovered: it is over, if it ever was.
Event make_recovery(Trouble trouble, std::string message);

Event make_event_about(EventType type, Severity severity, const Account& account,
                       std::string message);

EventError error_of(const std::error_code& code);

} // namespace sshpermd
