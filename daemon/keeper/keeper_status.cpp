#include "keeper/inhabitant.hpp"
#include "keeper/keeper.hpp"
#include "keeper/surprise.hpp"
#include "system/account_database.hpp"

#include <utility>

// The keeper's account of itself: what it counts, and what it says when it is asked.

namespace sshpermd {

std::string Keeper::summary() const {
    const auto accounts = by_name_.size();
    std::string line = config_.operation == Operation::repair ? "Protecting " : "Observing ";
    line += std::to_string(accounts) + (accounts == 1 ? " account; " : " accounts; ") +
            std::to_string(repairs_) + " repairs, " + std::to_string(open_matters_) +
            " targets left as they are";
    if (!first_look_done_ && full_look_)
        line += "; first look under way: " + std::to_string(full_look_->looked_at) + " done";
    if (!accounts_ || !accounts_->has_everybody())
        line += accounts_ ? "; the accounts of /etc/passwd alone: the name service does not answer"
                          : "; the accounts are not known yet";
    if (polled_ > 0)
        line += "; " + std::to_string(polled_) + " accounts polled, not watched";
    return line;
}

Status Keeper::status() {
    Status status;
    status.mode = word(config_.operation);
    status.ready = first_look_done_;
    status.users = states_;
    status.users.at(static_cast<std::size_t>(UserState::ignored)) = count_ignored();
    status.last_look = last_look_;
    status.repairs = repairs_;
    status.left = open_matters_;
    status.missed_by_events = missed_by_events_;
    status.accounts = by_name_.size();
    const auto allowed = allowance();
    status.watches = {watcher_ ? watcher_->watches() : 0, limit_.most, allowed.most, allowed.need,
                      rebuilt_};
    status.last_repairs.assign(last_repairs_.begin(), last_repairs_.end());
    status.last_fight = last_fight_;
    return status;
}

/// Accounts that would be looked after if the configuration did not leave them out.
std::size_t Keeper::count_ignored() {
    if (!accounts_ || ignored_of_ == accounts_)
        return ignored_.size();
    auto everybody = config_;
    everybody.users.include = {"*"};
    everybody.users.exclude.clear();
    everybody.overrides.clear();
    ignored_.clear();
    for (const auto& home : find_homes(accounts_, everybody, read_uid_min()))
        if (called(home.account->name) == nullptr)
            ignored_.push_back({home.account->name, home.account->uid, home.path()});
    ignored_of_ = accounts_;
    roster_.reset();
    return ignored_.size();
}

std::shared_ptr<const UserList::Roster> Keeper::roster() {
    count_ignored();
    if (roster_)
        return roster_;
    auto roster = std::make_shared<UserList::Roster>();
    for (const auto& inhabitant : inhabitants_)
        roster->push_back(inhabitant
                              ? Resident{inhabitant->home.account->name,
                                         inhabitant->home.account->uid, inhabitant->home.path()}
                              : Resident{});
    roster->insert(roster->end(), ignored_.begin(), ignored_.end());
    roster_ = std::move(roster);
    return roster_;
}

UserList Keeper::users() {
    UserList list{roster(), stands_};
    list.states.resize(list.roster->size(), UserState::ignored);
    return list;
}

Answer Keeper::user(const std::string& name) {
    if (const auto* const found = called(name)) {
        const auto& inhabitant = *found;
        return UserDetails{{name, inhabitant.home.account->uid, inhabitant.home.path()},
                           stands_[inhabitant.id],
                           watcher_ && !inhabitant.polled && inhabitant.home_wd >= 0,
                           inhabitant.ledger.is_flapping(),
                           inhabitant.ledger.open_paths()};
    }
    count_ignored();
    for (const auto& resident : ignored_)
        if (resident.name == name)
            return UserDetails{resident, UserState::ignored, false, false, {}};
    if (!accounts_)
        return Problem{503, "the accounts are not known yet; ask again"};
    return Problem{404, why_unknown(name, *accounts_, config_, read_uid_min())};
}

void Keeper::note_repair(const Report& report, const std::optional<Event>& event) {
    constexpr std::size_t most = 10;
    ++repairs_;
    storm_.repaired(Clock::now());
    if (!event || !event->before || !event->after)
        return;
    last_repairs_.push_front({std::chrono::system_clock::now(),
                              event->user ? std::optional{event->user->name} : std::nullopt,
                              report.target, report.path, *event->before, *event->after});
    if (last_repairs_.size() > most)
        last_repairs_.pop_back();
}

void Keeper::note_state(Inhabitant& inhabitant, const RootRound& root, const HomeRound& found) {
    auto state = root.dir ? UserState::refused : UserState::missing_home; // below an unsafe root
    if (!found.reports.empty())
        state = state_of(found.reports, {inhabitant.polled, inhabitant.ledger.is_flapping()});
    open_matters_ -= inhabitant.ledger.open_matters();
    inhabitant.ledger.forget_absent(found.reports);
    open_matters_ += inhabitant.ledger.open_matters();
    stands(inhabitant, state);
}

void Keeper::stands(Inhabitant& inhabitant, UserState state) {
    if (const auto before = std::exchange(stands_[inhabitant.id], state))
        --states_.at(static_cast<std::size_t>(*before));
    ++states_.at(static_cast<std::size_t>(state));
}

Keeper::Surprise::Surprise(Keeper& keeper, Inhabitant& inhabitant)
    : keeper_(keeper),
      inhabitant_(inhabitant),
      is_possible_(keeper.full_look_ && keeper.full_look_->trigger == Trigger::rescan &&
                   inhabitant.trigger == Trigger::rescan && keeper.watcher_ && !inhabitant.polled &&
                   inhabitant.home_wd >= 0 && !inhabitant.heard && !inhabitant.alarm &&
                   !(inhabitant.settling && inhabitant.settling->until() > Clock::now())) {
    inhabitant.heard = false;
}

void Keeper::Surprise::consider(const Report& report) {
    if (!is_possible_ || !std::holds_alternative<Drift>(report.finding) ||
        inhabitant_.ledger.is_open(report.path))
        return;
    if (seen_.insert(report.path).second) {
        if (!std::exchange(has_listened_, true))
            keeper_.drain(); // its event may have come just now; a repair of ours makes one, too
        if (inhabitant_.heard) {
            is_possible_ = false;
            return;
        }
        ++keeper_.missed_by_events_;
        if (keeper_.full_look_)
            ++keeper_.full_look_->missed;
    }
}

} // namespace sshpermd
