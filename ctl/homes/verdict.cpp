#include "homes/verdict.hpp"

#include "event/check_json.hpp"
#include "homes/report_text.hpp"

#include <algorithm>
#include <iostream>

namespace sshpermd {
namespace {

bool was_denied(const CheckFinding& finding) {
    return finding.error && (finding.error->code == "EACCES" || finding.error->code == "EPERM");
}

bool any(const Check& check, bool (*is)(const CheckFinding&)) {
    return std::any_of(check.findings.begin(), check.findings.end(), is);
}

} // namespace

bool harms(const CheckFinding& finding) {
    return !is_settled(finding) && (finding.blocks_login == true || finding.exposed);
}

bool is_wrong_for_check(const CheckFinding& finding) {
    return !is_settled(finding) && (finding.result == "drift" || harms(finding));
}

bool is_unsettled(const CheckFinding& finding) { return !is_settled(finding); }

ExitCode exit_code(const Check& check, bool (*is_wrong)(const CheckFinding&)) {
    const auto other_failure = [](const CheckFinding& finding) {
        return finding.error && !was_denied(finding);
    };
    if (any(check, other_failure))
        return ExitCode::failed;
    if (any(check, was_denied))
        return ExitCode::permission_denied;
    return any(check, is_wrong) ? ExitCode::wrong : ExitCode::ok;
}

Keep kept_for(const Options& options) {
    const bool lists_all =
        options.output == Output::json || options.verbosity == Verbosity::verbose;
    return lists_all ? Keep::all : Keep::not_compliant;
}

void print(const Check& check, const Options& options) {
    if (options.output == Output::json)
        std::cout << to_json(check) << '\n';
    else if (options.verbosity != Verbosity::quiet)
        print_report(std::cout, check, options.verbosity, color_for(options.color));
}

} // namespace sshpermd
