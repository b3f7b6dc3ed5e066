// Session Manager: is its agent there, does it run, and what did it complain of last?
#pragma once

#include "explain/login_case.hpp"

#include <span>

namespace sshpermd {

void check_session_manager(const LoginCase& login, LoginChecks& checks);

struct AgentWord {
    std::string_view part; ///< the line of its log has this in it
    std::string_view meaning;
    std::string_view fix; ///< a command, here or where IAM is; may be empty
};

/// The first that fits counts. docs/symptoms.md has every one of them.
std::span<const AgentWord> agent_words();

/// The last line of its log that says ERROR; empty without one.
std::string_view last_error(std::string_view log);

} // namespace sshpermd
