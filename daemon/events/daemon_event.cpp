#include "events/daemon_event.hpp"

#include <utility>

namespace sshpermd {

Event make_event(EventType type, Severity severity, std::string message) {
    Event result;
    result.type = type;
    result.severity = severity;
    result.message = std::move(message);
    return result;
}

Event make_trouble(Trouble trouble, Severity severity, std::string message, EventType type) {
    auto result = make_event(type, severity, std::move(message));
    result.trouble = trouble;
    return result;
}

Event make_recovery(Trouble trouble, std::string message) {
    return make_trouble(trouble, Severity::info, std::move(message), EventType::daemon_recovered);
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
