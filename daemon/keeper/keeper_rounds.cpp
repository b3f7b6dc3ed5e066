#include "event/fight.hpp"
#include "event/key_event.hpp"
#include "event/text.hpp"
#include "events/daemon_event.hpp"
#include "keeper/inhabitant.hpp"
#include "keeper/keeper.hpp"
#include "keeper/surprise.hpp"
#include "system/home_root.hpp"

#include <algorithm>
#include <utility>

// The keeper's rounds: look, judge, repair, watch, and look again until the watches stand.

namespace sshpermd {
namespace {

/// Each repetition needs another replacement of a directory just then; whoever keeps that up is
/// caught by the events of the watches set meanwhile.
constexpr int most_looks = 4;

/// Right, and for no reason that lies outside of what a glance sees (who is in a group).
bool is_calm(const Report& report) {
    if (report.failure || report.exposed || report.unguarded || report.managed ||
        report.action != Action::none)
        return false;
    if (std::holds_alternative<Missing>(report.finding))
        return true;
    return std::holds_alternative<Compliant>(report.finding) && report.account != nullptr &&
           report.observed->owner == report.account->uid && !report.observed->mode.has(0022);
}

} // namespace

Hand Keeper::hand() const {
    return config_.operation == Operation::repair && !is_paused_ ? Hand::repair : Hand::look;
}

Round Keeper::make_round(Round::Gate gate, Hand hand) {
    return {machine_, config_, *accounts_, root_group_, hand, std::move(gate)};
}

RootRound& Keeper::open_root(std::uint32_t id, OpenRoots& open) {
    const auto known = open.rounds.find(id);
    if (known != open.rounds.end())
        return known->second;

    auto& root = *roots_[id];
    const Who who{Who::Kind::root, id};
    const auto gate = [&, who](const Report& report) {
        return may_repair(report, who, root.ledger, std::nullopt);
    };
    return look_at_root(id, open, root.trigger, gate, hand());
}

RootRound& Keeper::look_at_root(std::uint32_t id, OpenRoots& open, Trigger trigger,
                                Round::Gate gate, Hand hand) {
    auto& root = *roots_[id];
    auto one_round = make_round(std::move(gate), hand);
    one_round.remember_in(memory_, Learn::objects);
    auto result = one_round.root(root.path);
    tell_of(result.report, trigger, root.ledger);
    try_again({Who::Kind::root, id}, root.next_try, result.report.failure.has_value());
    const bool became_safe = result.safe && !root.safe;
    root.safe = result.safe;
    if (became_safe && someone_was_looked_at())
        mark_below(id, trigger);
    return open.rounds.insert_or_assign(id, std::move(result)).first->second;
}

bool Keeper::someone_was_looked_at() const {
    return first_look_done_ || (full_look_ && full_look_->next > 0);
}

void Keeper::mark_below(std::uint32_t root, Trigger trigger) {
    for (const auto& inhabitant : inhabitants_)
        if (inhabitant && inhabitant->root == root)
            mark(inhabitant->id, trigger);
}

void Keeper::reconcile_root(std::uint32_t id, OpenRoots& open) {
    if (!accounts_)
        return;
    auto& root = *roots_[id];
    bool replaced = false;
    for (int looks = 0; looks < most_looks; ++looks) {
        open.rounds.erase(id);
        if (!watch_root(id, open_root(id, open)))
            break;
        replaced = true;
    }
    tell_flapping_ended(nullptr, root.ledger, {Who::Kind::root, id});

    const auto& round = open.rounds.at(id);
    tell_of_presence(root, round.dir.has_value() || round.report.failure ||
                               std::holds_alternative<Refusal>(round.report.finding));
    if (replaced && someone_was_looked_at())
        mark_below(id, root.trigger);
}

/// True when all is right, watched and remembered, so that the next look has nothing to do unless
/// something changes.
bool Keeper::reconcile(Inhabitant& inhabitant, OpenRoots& open) {
    if (!accounts_)
        return false;
    inhabitant.glimpse = no_glimpse;
    inhabitant.awaits_glance = false;
    inhabitant.last_turn = urgent_.turn();
    const Who who{Who::Kind::inhabitant, inhabitant.id};
    Surprise surprise{*this, inhabitant};
    const auto settled_at = [&](const Report& report) -> std::optional<Clock::time_point> {
        const auto& settling = inhabitant.settling;
        if (!settling || report.target < settling->from || settling->until() <= Clock::now())
            return std::nullopt;
        return settling->until();
    };
    const auto gate = [&](const Report& report) {
        surprise.consider(report);
        return may_repair(report, who, inhabitant.ledger, settled_at(report));
    };
    auto round = make_round(gate, hand());
    round.remember_in(memory_, what_to_learn(inhabitant, who));
    round.key_watch = &inhabitant.key_watch;
    bool in_vain = true;
    HomeRound found;
    for (int looks = 0; looks < most_looks; ++looks) {
        const auto& root = open_root(inhabitant.root, open);
        found = round.home(root, inhabitant.home, &inhabitant.hints);
        const auto now = Clock::now();
        if (found.has_read_keys && inhabitant.learning.has_one(now))
            inhabitant.learning.take(now);
        for (const auto& report : found.reports) {
            surprise.consider(report);
            in_vain = in_vain && !report.tried;
            if (full_look_ && std::holds_alternative<Drift>(report.finding) &&
                inhabitant.trigger == full_look_->trigger)
                ++full_look_->found;
            const auto later = settled_at(report);
            if (!later || !std::holds_alternative<Refusal>(report.finding)) {
                tell_of(report, inhabitant.trigger, inhabitant.ledger);
            } else { // root makes a directory first and gives it away then
                wake_at(*later, who);
                machine_.forget(report);
            }
        }
        if (!watch_home(inhabitant, root, found))
            break;
        if (looks + 1 == most_looks)
            mark(inhabitant.id, Trigger::retry); // the last look comes after the watches
    }
    tell_of_keys(inhabitant, inhabitant.trigger);
    tell_flapping_ended(inhabitant.home.account.get(), inhabitant.ledger, who);
    note_state(inhabitant, open.rounds.at(inhabitant.root), found);
    try_again(who, inhabitant.next_try,
              std::any_of(found.reports.begin(), found.reports.end(),
                          [](const Report& report) { return report.failure.has_value(); }));
    const auto now = Clock::now();
    if (!in_vain)
        inhabitant.vain_rounds = {};
    else if (inhabitant.vain_rounds.has_one(now))
        inhabitant.vain_rounds.take(now);
    return in_vain && found.is_all_known && !inhabitant.polled && !inhabitant.alarm &&
           std::all_of(found.reports.begin(), found.reports.end(), is_calm);
}

/// What the machine denied, such as a descriptor, it may give a moment later: it is tried again
/// after a second, and in the end as often as what cannot be watched is looked at.
void Keeper::try_again(Who who, Patience& pause, bool was_denied) {
    using std::chrono::seconds;
    pause = was_denied ? std::chrono::duration_cast<Patience>(
                             std::clamp<seconds>(2 * pause, seconds{1}, config_.poll_interval))
                       : Patience{0};
    if (was_denied)
        wake_at(Clock::now() + pause, who);
}

/// Keys are read after the first look at everybody, and no oftener than an account may ask for.
Learn Keeper::what_to_learn(Inhabitant& inhabitant, Who who) {
    if (!first_look_done_)
        return Learn::objects;
    const auto now = Clock::now();
    if (inhabitant.learning.has_one(now))
        return Learn::content;
    wake_at(inhabitant.learning.next(now), who);
    return Learn::objects;
}

bool Keeper::may_repair(const Report& report, Who who, Ledger& ledger,
                        std::optional<Clock::time_point> settled_at) {
    const auto now = Clock::now();
    auto due = ledger.due(report, now);
    if (settled_at && !report.exposed)
        due = std::max(due, *settled_at);
    if (due <= now)
        return true;
    wake_at(due, who);
    return false;
}

// ---- telling ------------------------------------------------------------------------------------

void Keeper::tell_of(const Report& report, Trigger trigger, Ledger& ledger) {
    const auto now = Clock::now();
    if (report.action == Action::deferred)
        return;
    Ledger::Flapping flapping;
    if (report.tried)
        flapping = ledger.repaired(report, now, config_.flap);
    open_matters_ -= ledger.open_matters();
    const bool is_news = ledger.is_news(report, now);
    open_matters_ += ledger.open_matters();
    const bool is_repair = report.tried && report.action == Action::repaired;
    auto event = is_news || is_repair ? event_of(report, trigger, *accounts_) : std::nullopt;
    if (is_repair)
        note_repair(report, event);
    if (!event || !is_news)
        return machine_.forget(report);
    if (const auto suppressed = ledger.take_suppressed() + flapping.suppressed; suppressed > 0)
        event->suppressed = suppressed;
    std::optional<Event> fight;
    if (is_repair && ledger.is_fight(report, now))
        fight = fight_of(report, *event, Fights::times_in_a_day, config_, *accounts_);
    tell_(std::move(*event));
    if (fight)
        tell_fight(std::move(*fight));
    if (!flapping.started)
        return;

    auto started =
        make_event(EventType::flapping_started, Severity::warning,
                   "somebody keeps undoing this repair; it is made again with a delay "
                   "of up to " +
                       std::to_string(config_.flap.max_delay.count()) + " ms from now on");
    if (report.account != nullptr)
        started.user = UserRef{report.account->name, report.account->uid};
    started.target = report.target;
    started.file = FileRef{report.path, {}, {}, {}};
    tell_(std::move(started));
}

void Keeper::tell_of_keys(Inhabitant& inhabitant, Trigger trigger) {
    for (const auto& news : inhabitant.key_watch.take_news()) {
        const auto path = inhabitant.home.path() + "/.ssh/" + news.file;
        for (auto& event : events_of(news, *inhabitant.home.account, path, trigger)) {
            if (!inhabitant.ledger.may_tell(Clock::now()))
                continue;
            if (const auto suppressed = inhabitant.ledger.take_suppressed(); suppressed > 0)
                event.suppressed = suppressed;
            tell_(std::move(event));
        }
    }
}

/// About the repair that was noted last.
void Keeper::tell_fight(Event fight) {
    last_fight_ = MadeFight{last_repairs_.front(), *fight.count, fight.kept_by, fight.message};
    tell_(std::move(fight));
}

void Keeper::tell_flapping_ended(const Account* account, Ledger& ledger, Who who) {
    for (const auto& target : ledger.settle(Clock::now(), config_.flap)) {
        auto ended = make_event(EventType::flapping_ended, Severity::info,
                                "nobody undid this repair for a while: it is made at once again");
        if (account != nullptr)
            ended.user = UserRef{account->name, account->uid};
        ended.target = target.target;
        ended.file = FileRef{target.path, {}, {}, {}};
        ended.suppressed = target.suppressed;
        tell_(std::move(ended));
    }
    if (const auto next = ledger.next_settling(config_.flap))
        wake_at(*next, who);
}

void Keeper::tell_of_presence(HomeRoot& root, bool present) {
    if (present == root.present)
        return;
    root.present = present;
    const auto path = printable(root.path);
    auto event =
        present ? make_recovery(Trouble::home_root_missing,
                                "home root " + path + " is there: the homes below it are protected")
                : make_trouble(Trouble::home_root_missing, Severity::warning,
                               "home root " + path +
                                   " does not exist: nothing below it can be protected until it is "
                                   "created (or set home_roots in the configuration)");
    event.file = FileRef{root.path, {}, {}, {}};
    tell_(std::move(event));
}

} // namespace sshpermd
