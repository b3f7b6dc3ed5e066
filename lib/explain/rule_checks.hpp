// Rule checks: what sshd's configuration says about this user, before any key is looked at.
#pragma once

#include "explain/login_case.hpp"

namespace sshpermd {

/// PubkeyAuthentication, AuthenticationMethods, Allow- and Deny-, PermitRootLogin,
/// ChrootDirectory. Pre: there is a person, and sshd answered.
void check_rules(const LoginCase& login, LoginChecks& checks);

} // namespace sshpermd
