// Login checks: what explain looks at, one after another, and what comes of it all.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sshpermd {

/// `note`: worth knowing, and neither right nor wrong.
enum class CheckResult { pass, fail, unknown, note };
std::string_view word(CheckResult result);

/// Whether a check has a say in the verdict. A key file that sshd refuses does not turn anybody
/// away: the next one is tried. It is only said first when no key is found in the end.
enum class Weight { decides, explains, none };

struct LoginCheck {
    std::string id; ///< one word, as in JSON
    CheckResult result = CheckResult::pass;
    Weight weight = Weight::none;
    std::string summary; ///< a few words: what was looked at, or what is wrong
    std::string cause;   ///< in sshd's own words where it has any; empty when all is well
    std::string fix;     ///< the one command; empty where there is none
};

/// Would sshd accept this user's key and begin a session?
enum class LoginVerdict { accepted, refused, unknown };
std::string_view word(LoginVerdict verdict);

/// Refused by one is refused, whatever else cannot be told.
LoginVerdict verdict_of(const std::vector<LoginCheck>& checks);

/// The check to name first: the first that failed (or, for `unknown`, cannot be told) and has to do
/// with the verdict. Null for `accepted`.
const LoginCheck* first_cause(const std::vector<LoginCheck>& checks);

} // namespace sshpermd
