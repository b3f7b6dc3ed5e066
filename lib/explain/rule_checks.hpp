// Rule checks: what sshd's configuration says about this user, besides the keys.
#pragma once

#include "explain/login_case.hpp"

namespace sshpermd {

/// PubkeyAuthentication, AuthenticationMethods, Allow- and Deny-, PermitRootLogin. Pre, of both:
/// there is a person, and sshd answered.
void check_rules(const LoginCase& login, LoginChecks& checks);

/// ChrootDirectory, which is looked at when the key was taken.
void check_chroot(const LoginCase& login, LoginChecks& checks);

} // namespace sshpermd
