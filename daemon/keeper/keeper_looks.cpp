#include "events/daemon_event.hpp"
#include "keeper/inhabitant.hpp"
#include "keeper/keeper.hpp"

#include <fcntl.h>
#include <malloc.h>

#include <algorithm>
#include <system_error>
#include <utility>

// The keeper's looks at everybody: closely at each, or only at those whom a glance finds changed.

namespace sshpermd {

namespace {

/// A rescan and what follows an overflow ask what has changed, a start asks for watches and who is
/// not right. Any other look at everybody has a reason of its own to look closely: what is mounted
/// has taken watches along, what was left while paused was right before.
bool may_glance(Trigger trigger) {
    return trigger == Trigger::rescan || trigger == Trigger::overflow ||
           trigger == Trigger::startup || trigger == Trigger::retry;
}

bool is_about_watches(Trigger trigger) {
    return trigger == Trigger::startup || trigger == Trigger::retry;
}

} // namespace

void Keeper::look_at_all(Trigger trigger) {
    if (!accounts_)
        return;
    prepare_watches(trigger);
    for (std::uint32_t id = 0; id < roots_.size(); ++id)
        mark_root(id, trigger);
    // The reason of one that is cut short, or that never came, is as good as it was.
    const bool is_close = std::exchange(close_look_due_, false) || !may_glance(trigger) ||
                          (full_look_ && full_look_->is_close);
    full_look_.reset(); // first: its threads
    full_look_ = std::make_unique<FullLook>();
    full_look_->trigger = trigger;
    full_look_->is_close = is_close;
    full_look_->started = Clock::now();
    if (!is_close)
        full_look_->lookout = make_lookout(trigger);
    if (watcher_)
        watcher_->expect_claims(full_look_->lookout && full_look_->lookout->sets_watches());
    full_look_due_.reset();
}

void Keeper::look_at_all_in_time(Trigger trigger) {
    if (!accounts_)
        return;
    if (!full_look_ && Clock::now() >= next_full_look_allowed_)
        return look_at_all(trigger);
    for (std::uint32_t id = 0; id < roots_.size(); ++id)
        mark_root(id, trigger);
    full_look_due_ =
        next_full_look_allowed_; // one under way is never begun again: it would not end
    full_look_due_trigger_ = trigger;
    close_look_due_ = close_look_due_ || !may_glance(trigger);
}

std::unique_ptr<Lookout> Keeper::make_lookout(Trigger trigger) {
    constexpr std::size_t worth_threads = 512;
    const auto allowed = allowance();
    if (by_name_.size() < worth_threads || config_.private_keys || config_.client_config ||
        (is_about_watches(trigger) && (!watcher_ || allowed.need > allowed.most)))
        return nullptr;
    try {
        UniqueFd inotify;
        if (is_about_watches(trigger)) {
            inotify = UniqueFd{fcntl(watcher_->fd(), F_DUPFD_CLOEXEC, 0)};
            if (!inotify)
                return nullptr;
        }
        return std::make_unique<Lookout>(config_.key_files, glimpse_secret_, wake_,
                                         std::move(inotify));
    } catch (const std::system_error&) { // no threads
        return nullptr;
    }
}

/// False when others have to come first with what they see.
bool Keeper::step_full_look(OpenRoots& open) {
    if (full_look_->lookout)
        return step_by_glances(open);
    const auto id = full_look_->next++;
    if (id >= inhabitants_.size()) {
        finish_full_look();
    } else {
        full_look_->looked_at += inhabitants_[id] && !inhabitants_[id]->marked ? 1U : 0U;
        look_closely(id, std::nullopt, open);
    }
    return true;
}

bool Keeper::step_by_glances(OpenRoots& open) {
    auto& look = *full_look_;
    if (!look.closely.empty()) {
        const auto sight = std::move(look.closely.back());
        look.closely.pop_back();
        look_closely(sight.id, sight.now ? std::optional{sight.now->now} : std::nullopt, open);
        return true;
    }
    send_out(look, open);
    if (auto batch = look.lookout->take())
        take_batch(*std::move(batch));
    else if (look.lookout->under_way() > 0)
        return false;
    else if (look.closely.empty())
        finish_full_look();
    return true;
}

/// What is asked about one of them; nothing when a glance could not answer.
std::optional<Lookout::Sight> Keeper::sight_of(const Inhabitant& inhabitant, const RootRound& root,
                                               bool sets_watches) {
    const bool is_new = inhabitant.home_wd < 0 && inhabitant.ssh_wd < 0 && !inhabitant.alarm &&
                        inhabitant.ledger.open_matters() == 0;
    const bool is_fit = sets_watches ? is_new : inhabitant.home_wd >= 0;
    if (!root.is_plain() || inhabitant.polled || !is_fit)
        return std::nullopt;
    Lookout::Sight sight;
    sight.id = inhabitant.id;
    sight.name = inhabitant.home.name();
    if (sets_watches)
        sight.plain = plain_of(inhabitant.home);
    else if (inhabitant.glimpse != no_glimpse)
        sight.known = inhabitant.glimpse;
    return sets_watches && !sight.plain ? std::nullopt : std::optional{std::move(sight)};
}

/// As many homes as keep the lookout busy while the loop does something else.
void Keeper::send_out(FullLook& look, OpenRoots& open) {
    constexpr std::size_t most_in_a_batch = 128;
    while (look.next < inhabitants_.size() && look.closely.empty() && look.lookout->wants_more()) {
        Lookout::Batch batch;
        std::optional<std::uint32_t> root;
        for (; look.next < inhabitants_.size() && batch.sights.size() < most_in_a_batch &&
               look.closely.size() < most_in_a_batch;
             ++look.next) {
            const auto& inhabitant = inhabitants_[look.next];
            if (!inhabitant || inhabitant->marked)
                continue;
            if (root && *root != inhabitant->root)
                break;
            root = inhabitant->root;
            ++look.looked_at;
            auto sight =
                sight_of(*inhabitant, open_root(*root, open), look.lookout->sets_watches());
            inhabitant->awaits_glance = sight.has_value();
            if (sight) {
                batch.sights.push_back(*std::move(sight));
            } else {
                look.closely.emplace_back();
                look.closely.back().id = look.next;
            }
        }
        if (batch.sights.empty())
            continue;
        batch.root = roots_[*root]->path;
        look.lookout->ask(std::move(batch));
    }
}

void Keeper::take_batch(Lookout::Batch batch) {
    for (auto& sight : batch.sights)
        take_sight(std::move(sight));
}

/// A glance is older than what it is told with: whoever was looked at since, or is to be, has no
/// use for it. What was not seen to be right is looked at before anything is done.
void Keeper::take_sight(Lookout::Sight sight) {
    auto* const inhabitant =
        sight.id < inhabitants_.size() ? inhabitants_[sight.id].get() : nullptr;
    if (inhabitant == nullptr || !std::exchange(inhabitant->awaits_glance, false)) {
        if (watcher_) {
            watcher_->disclaim(sight.home_wd);
            watcher_->disclaim(sight.ssh_wd);
        }
        return;
    }
    if (sight.plain && claim_watches(*inhabitant, sight) && sight.now &&
        sight.now->is_plainly_right)
        return stands(*inhabitant, sight.now->key_files > 0 ? UserState::protected_
                                   : sight.now->has_ssh_dir ? UserState::missing_keys
                                                            : UserState::missing_ssh);
    full_look_->closely.push_back(std::move(sight));
}

/// False when something has happened already since they were set.
bool Keeper::claim_watches(Inhabitant& inhabitant, const Lookout::Sight& sight) {
    const bool home_reported =
        watcher_->claim(inhabitant.home_wd, sight.home_wd, {PlaceKind::home, sight.id});
    const bool ssh_reported =
        watcher_->claim(inhabitant.ssh_wd, sight.ssh_wd, {PlaceKind::ssh_dir, sight.id});
    return !home_reported && !ssh_reported;
}

/// `now` was seen before. If all is right, and the memory has it, nothing needs to be done until a
/// glance sees something else.
void Keeper::look_closely(std::uint32_t id, std::optional<Glimpse> now, OpenRoots& open) {
    if (id >= inhabitants_.size() || !inhabitants_[id] || inhabitants_[id]->marked)
        return;
    auto& inhabitant = *inhabitants_[id];
    inhabitant.trigger = full_look_->trigger;
    ++full_look_->looked_closely_at;
    const bool is_calm = reconcile(inhabitant, open);
    inhabitant.glimpse = is_calm ? now.value_or(no_glimpse) : no_glimpse;
}

void Keeper::finish_full_look() {
    const auto look = std::move(full_look_);
    if (watcher_)
        watcher_->expect_claims(false);
    const auto took = Clock::now() - look->started;
    last_look_ = FullLookTimes{std::chrono::system_clock::now(),
                               std::chrono::duration_cast<std::chrono::microseconds>(took)};
    next_full_look_allowed_ =
        Clock::now() + std::max<Clock::duration>(std::chrono::seconds{1}, 4 * took);
    if (full_look_due_)
        full_look_due_ = next_full_look_allowed_;
    constexpr std::size_t worth_a_tidying = 4096;
    if (look->looked_closely_at > worth_a_tidying)
        malloc_trim(0); // what was needed once, for all of them
    tell_of_watches_again();
    if (first_look_done_ && look->trigger == Trigger::rescan && look->found == 0)
        return;

    if (!std::exchange(first_look_done_, true))
        look_at_all(Trigger::rescan); // to learn what is in the key files, too
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
    auto completed = make_event(EventType::scan_completed, Severity::info,
                                "looked at " + std::to_string(look->looked_at) + " accounts in " +
                                    std::to_string(ms) + " ms, found " +
                                    std::to_string(look->found) + " drifts");
    completed.trigger = look->trigger;
    completed.duration = std::chrono::duration_cast<std::chrono::microseconds>(took);
    if (look->missed > 0)
        completed.missed_by_events = look->missed;
    tell_(std::move(completed));
}

} // namespace sshpermd
