// Server checks: is there an sshd that could let anybody in?
#pragma once

#include "explain/login_case.hpp"

namespace sshpermd {

/// Present, configured soundly; of a machine that runs also running, listening. What can be known
/// of sshd's rules is known after this only where it answered.
void check_server(const LoginCase& login, LoginChecks& checks);

/// "systemctl VERB ssh" on Debian and Ubuntu, "sshd" on all others.
std::string service(const std::string& verb);

/// The command that shows where a keyword of the configuration stands. What to write there only its
/// owner knows; what to do then is said behind a "#".
std::string where_is(const LoginCase& login, const std::string& keyword);

} // namespace sshpermd
