#include "homes/report_text.hpp"

#include "event/text.hpp"

#include <unistd.h>

#include <cstdlib>
#include <ostream>

namespace sshpermd {
namespace {

constexpr const char* indent = "          ";

/// The word at the start of a finding: what was done when something was, else what was found.
std::string_view headline(const CheckFinding& finding) {
    if (finding.error)
        return "error";
    if (finding.action == "repaired" || finding.action == "withheld")
        return finding.action;
    if (finding.managed)
        return "managed";
    if (finding.result == "compliant")
        return "ok";
    return finding.result;
}

std::string_view color_of(std::string_view headline) {
    if (headline == "ok" || headline == "repaired")
        return "\033[32m";
    if (headline == "drift" || headline == "refused")
        return "\033[33m";
    return headline == "error" || headline == "withheld" ? "\033[31m" : "";
}

std::string shown(const Id& id) { return id.name ? printable(*id.name) : std::to_string(id.id); }

/// As spell(), for a terminal.
std::string shown(const Attributes& attributes) {
    return to_string(attributes.mode) + " " + shown(attributes.owner) + ":" +
           shown(attributes.group);
}

std::string consequences(const CheckFinding& finding) {
    std::string text;
    if (finding.blocks_login == true)
        text += "; sshd refuses the login";
    if (finding.exposed)
        text += "; others could write it";
    return text;
}

/// One line, however many they are.
std::string losses(const CheckFinding& drift) {
    if (drift.loses_access.empty())
        return {};
    std::string who;
    for (const auto& visitor : drift.loses_access)
        who.append(who.empty() ? "" : "; ").append(printable(visitor));
    return "\n" + std::string{indent} + "would lose access: " + who +
           " (the override that keeps it: " + printable(drift.kept_by) + ")";
}

std::string drift_text(const CheckFinding& drift) {
    std::string reasons;
    for (const auto& reason : drift.reasons)
        reasons.append(reasons.empty() ? "" : ", ").append(printable(reason));
    const auto was = drift.observed ? shown(*drift.observed) : "?";
    const auto is =
        drift.after ? " -> " + shown(*drift.after) : ", should be " + shown(drift.expected);
    return was + is + "\n" + indent + reasons + consequences(drift) + losses(drift);
}

std::string withheld_text(const CheckFinding& withheld) {
    std::string text = "others could have written it, and nobody vouches for what is in it";
    if (withheld.content) {
        for (const auto& fingerprint : withheld.content->fingerprints)
            text += "\n" + std::string{indent} + "unknown key " + printable(fingerprint);
        if (withheld.content->more > 0)
            text += "\n" + std::string{indent} + "and " + std::to_string(withheld.content->more) +
                    " more";
    }
    return text + "\n" + indent + printable(withheld.why);
}

std::string refusal_text(const CheckFinding& refusal) {
    const auto reason = refusal.reasons.empty() ? "refused" : printable(refusal.reasons.front());
    const auto seen = refusal.observed ? "\n" + std::string{indent} + "is " +
                                             shown(*refusal.observed) + consequences(refusal)
                                       : "";
    return reason + ": " + printable(refusal.why) + seen;
}

std::string details(const CheckFinding& finding) {
    if (finding.error)
        return printable(finding.error->message);
    if (finding.action == "withheld")
        return withheld_text(finding);
    if (finding.result == "drift")
        return drift_text(finding);
    return finding.result == "refused" ? refusal_text(finding) : "";
}

void print_one(std::ostream& out, const CheckFinding& finding, Color color) {
    const auto head = headline(finding);
    const auto paint = color == Color::on ? color_of(head) : "";
    out << paint << head << (paint.empty() ? "" : "\033[0m")
        << std::string(head.size() < 10 ? 10 - head.size() : 1, ' ') << printable(finding.path)
        << '\n';
    const auto text = details(finding);
    if (!text.empty())
        out << indent << text << '\n';
}

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
    return std::to_string(count) + " " + std::string{count == 1 ? one : many};
}

void print_summary(std::ostream& out, const CheckSummary& summary) {
    out << counted(summary.users, "account", "accounts") << ": "
        << counted(summary.compliant, "target is as it", "targets are as they") << " should be";
    if (summary.repaired > 0)
        out << ", " << summary.repaired << " repaired";
    const auto done = summary.repaired + summary.withheld; // also of what had a right mode
    const auto left = summary.drift > done ? summary.drift - done : 0;
    if (left > 0)
        out << ", " << counted(left, "drift", "drifts");
    if (summary.withheld > 0)
        out << ", " << summary.withheld << " withheld";
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

void print_report(std::ostream& out, const Check& check, Verbosity verbosity, Color color) {
    for (const auto& finding : check.findings) {
        const bool noteworthy = !is_settled(finding) || finding.action == "repaired" ||
                                (finding.target == "home_root" && finding.result == "missing");
        if (noteworthy || verbosity == Verbosity::verbose)
            print_one(out, finding, color);
    }
    print_summary(out, check.summary);
}

} // namespace sshpermd
