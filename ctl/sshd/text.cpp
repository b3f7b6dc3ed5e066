#include "sshd/text.hpp"

#include "event/text.hpp"
#include "policy/fields.hpp"
#include "wrap.hpp"

#include <algorithm>
#include <ostream>

namespace sshpermd {
namespace {

constexpr std::size_t indent = 10;

std::string_view headline(SshdResult result) {
    switch (result) {
    case SshdResult::would_repair: return "drift";
    case SshdResult::failed: return "error";
    default: return word(result);
    }
}

std::string_view color_of(SshdResult result) {
    switch (result) {
    case SshdResult::ok:
    case SshdResult::repaired: return "\033[32m";
    case SshdResult::would_repair:
    case SshdResult::left: return "\033[33m";
    case SshdResult::failed: return "\033[31m";
    case SshdResult::note: break;
    }
    return "";
}

void print_step(std::ostream& out, const SshdStep& step, Color color) {
    const auto head = headline(step.result);
    const auto paint = color == Color::on ? color_of(step.result) : "";
    out << paint << head << (paint.empty() ? "" : "\033[0m")
        << std::string(indent - head.size(), ' ')
        << printable(step.path.empty() ? step.check : step.path) << '\n';
    const std::string margin(indent, ' ');
    out << wrapped(printable(step.summary), indent, margin);
    if (!step.cause.empty())
        out << wrapped(printable(step.cause), indent + 6, margin + "sshd:");
    for (const auto line : fields_of(step.diff, "\n"))
        out << margin << printable(line) << '\n';
    if (!step.backup.empty())
        out << margin << "as it was: " << printable(step.backup) << '\n';
    if (!step.fix.empty())
        out << margin << "fix:  " << printable(step.fix) << '\n';
}

} // namespace

void print_sshd_steps(std::ostream& out, const std::vector<SshdStep>& steps, Verbosity verbosity,
                      Color color) {
    for (const auto& step : steps)
        if (step.result != SshdResult::ok || verbosity == Verbosity::verbose)
            print_step(out, step, color);
    const auto count = [&](SshdResult result) {
        return std::count_if(steps.begin(), steps.end(),
                             [&](const SshdStep& step) { return step.result == result; });
    };
    out << "sshd: " << count(SshdResult::ok) << " as it should be";
    constexpr SshdResult others[] = {SshdResult::would_repair, SshdResult::repaired,
                                     SshdResult::left, SshdResult::failed};
    for (const auto result : others)
        if (const auto number = count(result); number > 0)
            out << ", " << number << " "
                << (result == SshdResult::would_repair ? "to repair" : word(result));
    out << '\n';
}

} // namespace sshpermd
