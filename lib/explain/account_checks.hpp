// Account checks: may this user log in at all, whatever the key?
#pragma once

#include "explain/login_case.hpp"

namespace sshpermd {

/// False when there is no such account: then nothing else about it can be checked.
bool check_account(const LoginCase& login, LoginChecks& checks);

/// Locked, expired, its shell, /etc/nologin. Pre: there is a person, and the sshd answered.
void check_account_state(const LoginCase& login, LoginChecks& checks);

} // namespace sshpermd
