// Key checks: the key files that sshd reads, and whether the key in question is in one of them.
#pragma once

#include "explain/login_case.hpp"

namespace sshpermd {

/// Each file, then the verdict about the key, then what else could let it in. Pre: there is a
/// person, and sshd answered.
void check_keys(const LoginCase& login, LoginChecks& checks);

} // namespace sshpermd
