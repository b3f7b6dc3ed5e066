#include "event/fight.hpp"

#include "finding/sshd_rule.hpp"
#include "policy/suggestion.hpp"

namespace sshpermd {
namespace {

/// Would another account's way to its home, which leads through this one, be closed by it?
bool closes_passage(const Report& report, const Rule& rule) {
    const auto passage = report.expected.mode & ~rule.mode & Mode{0011};
    return report.target == Target::home && passage.has(~report.observed->mode.bits());
}

bool is_mode_alone(const Report& report) {
    return report.observed->owner == report.after->owner &&
           report.observed->group == report.after->group;
}

/// A home root that others may write, or that its accounts cannot search, keeps nobody.
bool is_fit_for_a_root(const Report& report) {
    const auto mode = report.observed->mode;
    return is_mode_alone(report) && !mode.has(0022) && mode.has(0001);
}

void advise_on_root(Event& fight, const Report& report) {
    if (is_fit_for_a_root(report))
        fight.message += "stop what does it, or keep it so: add \"" +
                         to_string(report.observed->mode) + "\" to policy.home_root.accept";
    else
        fight.message += "find what does it and stop it; nothing below is safe then";
}

void advise(Event& fight, const Report& report, const Config& config, const Accounts& accounts) {
    const auto& found = *report.observed;
    const auto& user = report.account->name;
    // Not the report's: a home that had to be shut first was judged once it was.
    const auto blocks = blocks_login(report.target, found, report.account, accounts);
    fight.blocks_login = blocks;
    if (blocks != false) {
        fight.message += blocks == true
                             ? "find what does it and stop it; sshd would refuse the keys, so no "
                               "override keeps that"
                             : "find what does it and stop it; an ACL decides what sshd says of "
                               "that, so no override keeps it";
        return;
    }
    if (closes_passage(report, config.policy_for(user).home)) {
        fight.message += "find what does it and stop it; another account's home is below this one "
                         "and could not be reached";
        return;
    }
    fight.kept_by = is_mode_alone(report)
                        ? override_that_accepts(config, user, report.target, found.mode)
                        : override_that_accepts_what_sshd_does(config, user, report.target);
    fight.message += "stop what does it, or keep it so with the override in kept_by";
}

} // namespace

Event fight_of(const Report& report, const Event& repair, std::size_t times, const Config& config,
               const Accounts& accounts) {
    Event fight;
    fight.type = EventType::fight_noticed;
    fight.severity = Severity::warning;
    fight.outcome = Outcome::reported;
    fight.trigger = repair.trigger;
    fight.user = repair.user;
    fight.target = repair.target;
    fight.file = repair.file;
    fight.before = repair.before;
    fight.expected = repair.expected;
    fight.after = repair.after;
    fight.reasons = repair.reasons;
    fight.blocks_login = repair.blocks_login;
    fight.count = times;
    fight.message = std::to_string(times) + " times in a day somebody made " +
                    std::string{word(report.target)} + " " + spell(*fight.before) +
                    ", and it was made " + spell(*fight.after) + " again: ";
    if (report.account == nullptr)
        advise_on_root(fight, report);
    else
        advise(fight, report, config, accounts);
    return fight;
}

} // namespace sshpermd
