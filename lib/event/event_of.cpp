#include "event/event.hpp"

namespace sshpermd {
namespace {

Id user_id(uid_t uid, const Accounts& accounts) {
    const auto name = accounts.user_name(uid);
    return {uid, name ? std::optional<std::string>{*name} : std::nullopt};
}

Id group_id(gid_t gid, const Accounts& accounts) {
    const auto name = accounts.group_name(gid);
    return {gid, name ? std::optional<std::string>{*name} : std::nullopt};
}

std::string spell(const Id& id) { return id.name ? *id.name : std::to_string(id.id); }

void describe_repair(Event& event, const Report& report, const Accounts& accounts) {
    event.type = EventType::permission_repaired;
    event.severity = Severity::notice;
    event.outcome = Outcome::repaired;
    event.after = attributes_of(*report.after, accounts);
    event.file->handle = report.handle;
    event.message = "repaired " + std::string{word(report.target)} + ": " + spell(*event.before) +
                    " is now " + spell(*event.after);
}

void describe_failure(Event& event, const Report& report) {
    event.type = EventType::repair_failed;
    event.severity = Severity::err;
    event.outcome = Outcome::failed;
    event.error =
        EventError{error_name(report.failure->number), error_text(report.failure->number)};
    event.message = "cannot " + report.failure->doing + ": " + event.error->message;
}

void describe_withheld(Event& event, const Report& report) {
    event.type = EventType::repair_withheld;
    event.severity = Severity::crit;
    event.outcome = Outcome::withheld;
    event.reasons.insert(event.reasons.begin(), word(RefusalReason::content_unknown));
    event.message = std::string{word(report.target)} +
                    " could be written by others and is closed now: " + release_advice(report);
}

void describe_drift(Event& event, const Report& report) {
    event.type = EventType::drift_detected;
    event.severity = Severity::warning;
    event.outcome = Outcome::reported;
    event.message = std::string{word(report.target)} + " is " + spell(*event.before) +
                    ", the policy wants " + spell(*event.expected);
}

void describe_refusal(Event& event, const Report& report, RefusalReason reason) {
    event.type = EventType::repair_refused;
    event.severity = report.managed ? Severity::info : Severity::warning;
    event.outcome = Outcome::refused;
    event.reasons = {word(reason)};
    event.message = std::string{word(report.target)} +
                    " is left alone: " + std::string{why(reason)} +
                    (report.managed ? ", and its account can log in" : "");
}

} // namespace

Attributes attributes_of(const Expected& state, const Accounts& accounts) {
    return {state.mode, user_id(state.owner, accounts), group_id(state.group, accounts)};
}

Attributes attributes_of(const Observed& seen, const Accounts& accounts) {
    return attributes_of(Expected{seen.mode, seen.owner, seen.group}, accounts);
}

std::string spell(const Attributes& attributes) {
    return to_string(attributes.mode) + " " + spell(attributes.owner) + ":" +
           spell(attributes.group);
}

std::string release_advice(const Report& report) {
    if (report.target == Target::authorized_keys && report.content)
        return "read its keys, then: sshpermctl repair --trust-content=" + report.content->sha256 +
               " " + report.account->name;
    return "look at what is in it, then set its mode by hand";
}

std::optional<Event> event_of(const Report& report, Trigger trigger, const Accounts& accounts) {
    if ((is_settled(report) && report.action != Action::repaired) ||
        report.action == Action::deferred)
        return std::nullopt;

    Event event;
    event.trigger = trigger;
    event.target = report.target;
    if (report.account != nullptr)
        event.user = UserRef{report.account->name, report.account->uid};
    event.file = FileRef{report.path, std::nullopt, std::nullopt, std::nullopt};
    if (report.observed) {
        event.file->type = report.observed->type;
        event.file->inode = report.observed->inode;
        event.file->links = report.observed->links;
        event.before = attributes_of(*report.observed, accounts);
    }
    event.expected = attributes_of(report.expected, accounts);
    event.blocks_login = report.blocks_login;
    event.exposed = report.exposed;
    event.content = report.content;
    event.replaced = report.replaced;
    event.wrong_for = report.wrong_for;
    event.slot = report.slot;
    if (report.duration.count() > 0)
        event.duration = report.duration;
    if (const auto* drift = std::get_if<Drift>(&report.finding))
        for (const auto reason : drift->reasons)
            event.reasons.push_back(word(reason));

    if (report.failure)
        describe_failure(event, report);
    else if (report.action == Action::withheld)
        describe_withheld(event, report);
    else if (const auto* refusal = std::get_if<Refusal>(&report.finding))
        describe_refusal(event, report, refusal->reason);
    else if (report.action == Action::repaired)
        describe_repair(event, report, accounts);
    else
        describe_drift(event, report);
    return event;
}

Event event_of(const InterruptedChange& change, Trigger trigger, const Accounts& accounts) {
    Event event;
    event.type = EventType::repair_interrupted;
    event.severity = Severity::warning;
    event.outcome = Outcome::reported;
    event.trigger = trigger;
    event.target = change.target;
    if (!change.user.empty()) {
        event.user = UserRef{change.user, std::nullopt};
        if (const auto* const account = accounts.by_name(change.user))
            event.user->id = account->uid;
    }
    event.file = FileRef{change.path, change.before.type, change.before.inode, change.before.links};
    event.before = attributes_of(change.before, accounts);
    event.expected = attributes_of(change.expected, accounts);
    if (change.after)
        event.after = attributes_of(*change.after, accounts);
    event.message = "a repair was cut off: " + std::string{word(change.target)} + " was " +
                    spell(*event.before) +
                    (event.after ? ", was changed to " + spell(*event.after)
                                 : ", was to become " + spell(*event.expected));
    event.lost_since =
        std::chrono::system_clock::time_point{std::chrono::microseconds{change.time_us}};
    event.slot = change.slot;
    return event;
}

} // namespace sshpermd
