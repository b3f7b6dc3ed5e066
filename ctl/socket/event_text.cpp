#include "socket/event_text.hpp"

#include "event/text.hpp"
#include "policy/json_text.hpp"
#include "wrap.hpp"

#include <unistd.h>

#include <ostream>
#include <string>

namespace sshpermd {
namespace {

std::string text_at(const Json& event, const char* pointer) {
    const Json::json_pointer at{pointer};
    return event.contains(at) && event.at(at).is_string()
               ? printable(event.at(at).get<std::string>())
               : std::string{};
}

/// What it is about: a path, else a user.
std::string subject_of(const Json& event) {
    auto path = text_at(event, "/file/path");
    return path.empty() ? text_at(event, "/user/name") : path;
}

} // namespace

void print_event(std::ostream& out, const Json& event) {
    const auto time = text_at(event, "/time");
    const auto severity = text_at(event, "/severity");
    const bool is_bad = severity == "crit" || severity == "err" || severity == "warning";
    auto head = time.substr(0, time.find('.')) + "Z " + text_at(event, "/event");
    if (is_bad)
        head += " (" + severity + ")";
    if (const auto subject = subject_of(event); !subject.empty())
        head += " " + subject;
    auto message = text_at(event, "/message");
    if (const auto error = text_at(event, "/error/message"); !error.empty())
        message += ": " + error;
    if (isatty(STDOUT_FILENO) == 1)
        out << head << '\n' << wrapped(message, 4);
    else
        out << head << ": " << message << '\n';
}

} // namespace sshpermd
