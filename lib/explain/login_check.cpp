#include "explain/login_check.hpp"

#include <algorithm>

namespace sshpermd {
namespace {

bool decides(const std::vector<LoginCheck>& checks, CheckResult result) {
    return std::any_of(checks.begin(), checks.end(), [&](const LoginCheck& check) {
        return check.weight == Weight::decides && check.result == result;
    });
}

} // namespace

std::string_view word(CheckResult result) {
    switch (result) {
    case CheckResult::pass: return "pass";
    case CheckResult::fail: return "fail";
    case CheckResult::unknown: return "unknown";
    case CheckResult::note: return "note";
    }
    return "";
}

std::string_view word(LoginVerdict verdict) {
    switch (verdict) {
    case LoginVerdict::accepted: return "accepted";
    case LoginVerdict::refused: return "refused";
    case LoginVerdict::unknown: return "unknown";
    }
    return "";
}

LoginVerdict verdict_of(const std::vector<LoginCheck>& checks) {
    if (decides(checks, CheckResult::fail))
        return LoginVerdict::refused;
    return decides(checks, CheckResult::unknown) ? LoginVerdict::unknown : LoginVerdict::accepted;
}

const LoginCheck* first_cause(const std::vector<LoginCheck>& checks) {
    const auto verdict = verdict_of(checks);
    if (verdict == LoginVerdict::accepted)
        return nullptr;
    const auto wanted = verdict == LoginVerdict::refused ? CheckResult::fail : CheckResult::unknown;
    const auto decisive = std::find_if(checks.begin(), checks.end(), [&](const LoginCheck& check) {
        return check.weight == Weight::decides && check.result == wanted;
    });
    // What explains why no key was found stands before the check that says so.
    const auto key = std::find_if(checks.begin(), decisive, [](const LoginCheck& check) {
        return check.weight == Weight::explains && check.result == CheckResult::fail;
    });
    return decisive->id == "key" && key != decisive ? &*key : &*decisive;
}

} // namespace sshpermd
