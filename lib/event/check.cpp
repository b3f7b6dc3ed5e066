#include "event/check.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

namespace sshpermd {

CheckFinding check_finding(const Report& report, const Accounts& accounts) {
    CheckFinding finding;
    if (report.account != nullptr)
        finding.user = report.account->name;
    finding.target = word(report.target);
    finding.path = report.path;
    const bool could_not_look = report.failure && report.action != Action::failed;
    finding.result = could_not_look ? "error" : word(report.finding);
    finding.blocks_login = report.blocks_login;
    finding.exposed = report.exposed;
    finding.expected = attributes_of(report.expected, accounts);
    finding.action = word(report.action);
    if (const auto* const drift = std::get_if<Drift>(&report.finding)) {
        for (const auto reason : drift->reasons)
            finding.reasons.emplace_back(word(reason));
        finding.expected = attributes_of(drift->expected, accounts);
    }
    if (const auto* const refusal = std::get_if<Refusal>(&report.finding)) {
        finding.reasons.emplace_back(word(refusal->reason));
        finding.why = why(refusal->reason);
    }
    if (report.observed) {
        finding.observed = attributes_of(*report.observed, accounts);
        finding.type = word(report.observed->type);
    }
    if (report.after)
        finding.after = attributes_of(*report.after, accounts);
    if (report.action == Action::withheld) {
        finding.reasons.insert(finding.reasons.begin(),
                               std::string{word(RefusalReason::content_unknown)});
        finding.why = release_advice(report);
    }
    finding.content = report.content;
    finding.managed = report.managed;
    if (report.failure)
        finding.error = EventError{error_name(report.failure->number),
                                   "cannot " + report.failure->doing + ": " +
                                       error_text(report.failure->number)};
    return finding;
}

bool is_settled(const CheckFinding& finding) {
    return !finding.error && finding.action != "withheld" &&
           (finding.managed || finding.result == "compliant" || finding.result == "missing" ||
            finding.action == "repaired");
}

void CheckSummary::count(const CheckFinding& finding) {
    compliant += finding.result == "compliant" ? 1U : 0U;
    drift += finding.result == "drift" ? 1U : 0U;
    refused += finding.result == "refused" ? 1U : 0U;
    missing += finding.result == "missing" ? 1U : 0U;
    errors += finding.error ? 1U : 0U;
    repaired += finding.action == "repaired" ? 1U : 0U;
    withheld += finding.action == "withheld" ? 1U : 0U;
}

CheckSummary& CheckSummary::operator+=(const CheckSummary& other) {
    users += other.users;
    compliant += other.compliant;
    drift += other.drift;
    refused += other.refused;
    missing += other.missing;
    errors += other.errors;
    repaired += other.repaired;
    withheld += other.withheld;
    return *this;
}

void Check::add(CheckFinding finding) {
    summary.count(finding);
    findings.push_back(std::move(finding));
}

void Check::add_all(Check part) {
    summary += part.summary;
    std::move(part.findings.begin(), part.findings.end(), std::back_inserter(findings));
}

} // namespace sshpermd
