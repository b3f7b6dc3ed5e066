// Server checks: is there an sshd that could let anybody in?
#pragma once

#include "explain/login_case.hpp"

namespace sshpermd {

/// Present, configured soundly, running, listening. What can be known of sshd's rules is known
/// after this only where it answered.
void check_server(const LoginCase& login, LoginChecks& checks);

} // namespace sshpermd
