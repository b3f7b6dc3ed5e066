#include "report_text.hpp"

#include "event/event.hpp"
#include "event/text.hpp"
#include "report_json.hpp"

#include <unistd.h>

#include <cstdlib>
#include <ostream>

namespace sshpermd {
namespace {

constexpr const char* indent = "          ";

/// The word at the start of a finding: what was done when something was, else what was found.
std::string_view headline(const Report& report) {
    if (report.failure)
        return "error";
    if (report.action == Action::repaired)
        return "repaired";
    if (std::holds_alternative<Compliant>(report.finding))
        return "ok";
    return word(report.finding);
}

std::string_view color_of(std::string_view headline) {
    if (headline == "ok" || headline == "repaired")
        return "\033[32m";
    if (headline == "drift" || headline == "refused")
        return "\033[33m";
    return headline == "error" ? "\033[31m" : "";
}

std::string owner_text(uid_t owner, gid_t group, const Accounts& accounts) {
    const auto user = accounts.user_name(owner);
    const auto name = accounts.group_name(group);
    return (user ? printable(*user) : std::to_string(owner)) + ":" +
           (name ? printable(*name) : std::to_string(group));
}

std::string spell(const Observed& seen, const Accounts& accounts) {
    return to_string(seen.mode) + " " + owner_text(seen.owner, seen.group, accounts);
}

std::string spell(const Expected& wanted, const Accounts& accounts) {
    return to_string(wanted.mode) + " " + owner_text(wanted.owner, wanted.group, accounts);
}

std::string consequences(const Report& report) {
    std::string text;
    if (report.blocks_login == true)
        text += "; sshd refuses the login";
    if (report.exposed)
        text += "; others could write it";
    return text;
}

std::string drift_text(const Drift& drift, const Report& report, const Accounts& accounts) {
    std::string reasons;
    for (const auto reason : drift.reasons)
        reasons.append(reasons.empty() ? "" : ", ").append(word(reason));
    const bool repaired = report.action == Action::repaired;
    return spell(drift.was, accounts) + (repaired ? " -> " : ", should be ") +
           (repaired ? spell(*report.after, accounts) : spell(drift.expected, accounts)) + "\n" +
           indent + reasons + consequences(report);
}

std::string details(const Report& report, const Accounts& accounts) {
    if (report.failure)
        return "cannot " + printable(report.failure->doing) + ": " +
               error_text(report.failure->number);
    if (const auto* const drift = std::get_if<Drift>(&report.finding))
        return drift_text(*drift, report, accounts);
    if (const auto* const refusal = std::get_if<Refusal>(&report.finding))
        return std::string{word(refusal->reason)} + ": " + std::string{why(refusal->reason)} +
               (report.observed ? "\n" + std::string{indent} + "is " +
                                      spell(*report.observed, accounts) + consequences(report)
                                : "");
    return "";
}

void print_one(std::ostream& out, const Report& report, const Accounts& accounts, Color color) {
    const auto head = headline(report);
    const auto paint = color == Color::on ? color_of(head) : "";
    out << paint << head << (paint.empty() ? "" : "\033[0m")
        << std::string(head.size() < 10 ? 10 - head.size() : 1, ' ') << printable(report.path)
        << '\n';
    const auto text = details(report, accounts);
    if (!text.empty())
        out << indent << text << '\n';
}

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
    return std::to_string(count) + " " + std::string{count == 1 ? one : many};
}

void print_summary(std::ostream& out, const Summary& summary) {
    out << counted(summary.users, "account", "accounts") << ": "
        << counted(summary.compliant, "target is as it", "targets are as they") << " should be";
    if (summary.repaired > 0)
        out << ", " << summary.repaired << " repaired";
    const auto left = summary.drift - summary.repaired;
    if (left > 0)
        out << ", " << counted(left, "drift", "drifts");
    if (summary.refused > 0)
        out << ", " << summary.refused << " refused";
    if (summary.missing > 0)
        out << ", " << summary.missing << " missing";
    if (summary.errors > 0)
        out << ", " << counted(summary.errors, "error", "errors");
    out << '\n';
}

} // namespace

Color color_for(ColorChoice choice) {
    const char* const no_color = std::getenv("NO_COLOR");
    switch (choice) {
    case ColorChoice::always: return Color::on;
    case ColorChoice::never: return Color::off;
    case ColorChoice::automatic: break;
    }
    const bool wanted = no_color == nullptr || *no_color == '\0';
    return wanted && isatty(STDOUT_FILENO) == 1 ? Color::on : Color::off;
}

void print_report(std::ostream& out, const Survey& survey, Verbosity verbosity, Color color) {
    for (const auto& report : survey.reports) {
        const bool noteworthy =
            !is_settled(report) || report.action == Action::repaired ||
            (report.target == Target::home_root && std::holds_alternative<Missing>(report.finding));
        if (noteworthy || verbosity == Verbosity::verbose)
            print_one(out, report, *survey.accounts, color);
    }
    print_summary(out, summarise(survey));
}

} // namespace sshpermd
