#include "daemon_event.hpp"

#include <utility>

namespace sshpermd {

Event make_event(EventType type, Severity severity, std::string message) {
    Event result;
    result.type = type;
    result.severity = severity;
    result.message = std::move(message);
    return result;
}

Event make_event_about(EventType type, Severity severity, const Account& account,
                       std::string message) {
    auto result = make_event(type, severity, std::move(message));
    result.user = UserRef{account.name, account.uid};
    return result;
}

EventError error_of(const std::error_code& code) {
    return {error_name(code.value()), error_text(code.value())};
}

} // namespace sshpermd
