// Explain: would sshd accept this user's key, and if not, why?
#pragma once

#include "explain/log_words.hpp"
#include "explain/login_case.hpp"

namespace sshpermd {

struct Explanation {
    LoginVerdict verdict = LoginVerdict::unknown;
    LoginChecks checks;        ///< in the order in which sshd would come across them
    std::vector<ToldLine> log; ///< what sshd said of this user lately
};

/// Looks at the machine, or at an image, and changes nothing. For a process with one thread; blocks
/// as NSS does. Throws std::system_error when the account database cannot be read.
Explanation explain_login(const LoginQuestion& question, const Sysroot& root = {});

} // namespace sshpermd
