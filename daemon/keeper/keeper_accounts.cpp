#include "event/text.hpp"
#include "events/daemon_event.hpp"
#include "keeper/errand.hpp"
#include "keeper/inhabitant.hpp"
#include "keeper/keeper.hpp"
#include "system/account_database.hpp"

#include <algorithm>
#include <utility>

// The keeper's accounts: who is looked after, and what follows when that changes.

namespace sshpermd {
namespace {

/// Nothing but the policy for it differs: what is known of the home still holds.
bool is_same_place(const Home& one, const Home& other) {
    return *one.account == *other.account && one.shared == other.shared;
}

} // namespace

void Keeper::take_accounts(std::shared_ptr<const Accounts> accounts) {
    // Read from other files than when they were asked for, if something was mounted meanwhile.
    if (!account_stamp_.empty() && account_stamp_ != stamp_of_account_files())
        accounts_may_have_changed();
    const bool is_first = !accounts_;
    const bool had_everybody = accounts_ && accounts_->has_everybody();
    const auto group = accounts->group_gid(config_.home_root_group);
    if (!group && !accounts->has_everybody())
        return;
    if (group || !had_everybody)
        root_group_ = resolve_group(*accounts, config_.home_root_group);
    if (!is_first && (accounts == accounts_ || *accounts == *accounts_))
        return;
    accounts_ = std::move(accounts);
    ignored_of_.reset(); // which would keep those before these
    settle_homes(find_homes(accounts_, config_, read_uid_min()),
                 is_first ? Trigger::startup : Trigger::accounts);
    forget_departed();
    if (is_first)
        look_at_all(Trigger::startup);
}

/// Where accounts come and go for years the memory does not grow for ever. Whoever is missing for a
/// while, with everybody else, say because of a broken /etc/passwd, is not forgotten.
void Keeper::forget_departed() {
    constexpr std::size_t at_least = 10'000;
    most_accounts_ = std::max(most_accounts_, accounts_->all().size());
    const auto most = std::max(at_least, most_accounts_);
    if (!accounts_->has_everybody() || memory_.size() <= accounts_->all().size() + most)
        return;
    memory_.forget_departed(most - most / 10, [this](std::string_view name) {
        return accounts_->by_name(name) != nullptr;
    });
}

void Keeper::stop_waiting_for_accounts() {
    for (auto& errand : std::exchange(put_off_, {}))
        accept(std::move(errand));
}

/// Afterwards no home is one of an earlier generation of accounts, which is not needed any more.
void Keeper::settle_homes(const std::vector<Home>& homes, Trigger trigger) {
    std::vector<const Home*> now(inhabitants_.size()); // by id; of two by one name the first
    for (const auto& home : homes) {
        const auto* const known = called(home.account->name);
        if (known != nullptr && now[known->id] == nullptr)
            now[known->id] = &home;
    }
    for (std::uint32_t id = 0; id < now.size(); ++id) {
        if (!inhabitants_[id])
            continue;
        auto& before = inhabitants_[id]->home;
        if (now[id] != nullptr && is_same_place(*now[id], before)) {
            const bool is_same = before == *now[id];
            before = *now[id];
            if (is_same)
                continue;
            inhabitants_[id]->glimpse = no_glimpse;
            roster_.reset();
            mark(id, trigger);
            continue;
        }
        if (now[id] == nullptr)
            tell_(make_event_about(EventType::user_removed, Severity::info, *before.account,
                                   "no longer looked after"));
        let_go(id);
    }
    const auto known = std::max(by_name_.size(), homes.size());
    by_name_.reserve(known);
    by_path_.reserve(known);
    inhabitants_.reserve(known);
    stands_.reserve(known);
    memory_.reserve(known);
    if (watcher_)
        watcher_->reserve(known);
    for (const auto& home : homes)
        if (called(home.account->name) == nullptr)
            take_in(home, trigger);
}

void Keeper::take_in(Home home, Trigger trigger) {
    std::uint32_t id = 0;
    if (free_ids_.empty()) {
        id = static_cast<std::uint32_t>(inhabitants_.size());
        inhabitants_.emplace_back();
        stands_.emplace_back();
    } else {
        id = free_ids_.back();
        free_ids_.pop_back();
    }
    roster_.reset();
    auto inhabitant = std::make_unique<Inhabitant>();
    inhabitant->id = id;
    while (roots_[inhabitant->root]->path != home.root())
        ++inhabitant->root;
    inhabitant->home = std::move(home);
    const auto& taken = inhabitant->home;
    by_name_.add(taken.account->name, id);
    if (!taken.shared)
        by_path_.add(taken.path(), id);

    if (trigger != Trigger::startup) {
        tell_(make_event_about(EventType::user_added, Severity::info, *taken.account,
                               "looked after from now on: " + printable(taken.path())));
        appeared(*inhabitant, Target::home, Clock::now());
    }
    inhabitants_[id] = std::move(inhabitant);
    if (trigger != Trigger::startup)
        mark(id, trigger);
}

void Keeper::let_go(std::uint32_t id) {
    auto& inhabitant = *inhabitants_[id];
    if (watcher_) {
        watcher_->drop(inhabitant.home_wd, {PlaceKind::home, id});
        watcher_->drop(inhabitant.ssh_wd, {PlaceKind::ssh_dir, id});
    }
    polled_ -= inhabitant.polled ? 1U : 0U;
    if (const auto state = std::exchange(stands_[id], std::nullopt))
        --states_.at(static_cast<std::size_t>(*state));
    roster_.reset();
    open_matters_ -= inhabitant.ledger.open_matters();
    by_name_.remove(inhabitant.home.account->name, id);
    by_path_.remove(inhabitant.home.path(), id);
    urgent_.remove(id);
    std::erase_if(alarms_, [id](const auto& alarm) {
        return alarm.second.kind == Who::Kind::inhabitant && alarm.second.id == id;
    });
    inhabitants_[id].reset();
    free_ids_.push_back(id);
}

} // namespace sshpermd
