#include "keeper/keeper.hpp"

#include "events/daemon_event.hpp"
#include "keeper/errand.hpp"
#include "keeper/inhabitant.hpp"
#include "system/account_database.hpp"
#include "system/home_root.hpp"

#include <algorithm>
#include <random>
#include <system_error>
#include <utility>

namespace sshpermd {
namespace {

Event summary_of(const Storm::Past& storm) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(storm.lasted).count();
    return make_event(EventType::storm_summarised, Severity::warning,
                      std::to_string(storm.repairs) + " repairs within " + std::to_string(seconds) +
                          " s: somebody changed very many at once, such as with chmod -R");
}

} // namespace

Keeper::Keeper(const Config& config, Memory& memory, Tell tell, AskAccounts ask_accounts, Wake wake,
               InFlight* in_flight, std::string account_stamp)
    : config_(config),
      memory_(memory),
      tell_(std::move(tell)),
      ask_accounts_(std::move(ask_accounts)),
      wake_(std::move(wake)),
      account_stamp_(std::move(account_stamp)) {
    machine_.in_flight = in_flight;
    std::random_device random;
    glimpse_secret_ = std::uint64_t{random()} << 32U | random();
    tell_of_proc();
    make_watcher();
    auto paths = config_.home_roots;
    if (config_.users.root)
        paths.emplace_back("/");
    for (auto& path : paths) {
        roots_.push_back(std::make_unique<HomeRoot>());
        roots_.back()->path = std::move(path);
    }
    last_drain_ = std::chrono::system_clock::now();
}

Keeper::~Keeper() = default;

int Keeper::inotify_fd() const { return watcher_ ? watcher_->fd() : -1; }

void Keeper::drain() {
    if (!watcher_)
        return;
    const auto marked = urgent_.size() + urgent_roots_.size();
    const auto drained =
        watcher_->drain([this](Place place, const Meaning& meaning,
                               std::string_view name) { hear(place, meaning, name); },
                        queue_is_left_);
    leave_unwatched(watcher_->take_noisy());
    if (drained == Watcher::Drained::overflow)
        overflowed();
    const auto now = Clock::now();
    if (drained == Watcher::Drained::complete && urgent_.size() + urgent_roots_.size() == marked &&
        vain_drains_.has_one(now))
        vain_drains_.take(now);
    queue_is_left_ = !vain_drains_.has_one(now);
    last_drain_ = std::chrono::system_clock::now();
}

void Keeper::hear(Place place, const Meaning& meaning, std::string_view name) {
    switch (meaning.wanted) {
    case Meaning::Wanted::nothing: return;
    case Meaning::Wanted::look_at_root: return mark_root(place.owner, Trigger::inotify);
    case Meaning::Wanted::read_accounts: return accounts_may_have_changed();
    case Meaning::Wanted::sign_of_life: return hear_canary();
    case Meaning::Wanted::look_at_account:
        if (place.owner < inhabitants_.size() && inhabitants_[place.owner])
            hear_home(*inhabitants_[place.owner], meaning.appeared);
        return;
    case Meaning::Wanted::look_at_home: {
        const auto& root = roots_[place.owner]->path;
        auto* const found = living_at((root == "/" ? "" : root) + "/" + std::string{name});
        if (found != nullptr)
            hear_home(*found, meaning.appeared);
        else if (meaning.appeared && root != "/")
            accounts_may_have_changed(); // a directory service does not announce its users
        return;
    }
    }
}

void Keeper::hear_home(Inhabitant& inhabitant, std::optional<Target> target) {
    const auto now = Clock::now();
    inhabitant.heard = true;
    if (target)
        appeared(inhabitant, *target, now);
    else if (inhabitant.settling)
        inhabitant.settling->last = now;
    mark_heard(inhabitant);
}

void Keeper::appeared(Inhabitant& inhabitant, Target from, Clock::time_point now) {
    auto& settling = inhabitant.settling;
    if (!settling || settling->until() <= now) {
        settling = Inhabitant::Settling{from, now, now};
        return;
    }
    settling->from = std::min(settling->from, from);
    settling->last = now;
}

Keeper::Inhabitant* Keeper::called(std::string_view name) const {
    const auto id = by_name_.find(
        name, [&](std::uint32_t one) { return inhabitants_[one]->home.account->name == name; });
    return id ? inhabitants_[*id].get() : nullptr;
}

Keeper::Inhabitant* Keeper::living_at(std::string_view path) const {
    const auto id = by_path_.find(
        path, [&](std::uint32_t one) { return inhabitants_[one]->home.path() == path; });
    return id ? inhabitants_[*id].get() : nullptr;
}

const std::string* Keeper::first_unknown(const std::vector<std::string>& users) const {
    const auto found = std::find_if(users.begin(), users.end(), [this](const std::string& user) {
        return called(user) == nullptr;
    });
    return found == users.end() ? nullptr : &*found;
}

void Keeper::mark(std::uint32_t id, Trigger trigger) {
    auto& inhabitant = *inhabitants_[id];
    if (inhabitant.marked)
        return;
    inhabitant.marked = true;
    inhabitant.trigger = trigger;
    urgent_.add(id, inhabitant.last_turn);
}

void Keeper::mark_root(std::uint32_t id, Trigger trigger) {
    auto& root = *roots_[id];
    if (root.marked)
        return;
    root.marked = true;
    root.trigger = trigger;
    urgent_roots_.push_back(id);
}

void Keeper::overflowed() {
    canary_.lost_events();
    if (const auto suppressed = overflow_.happened(Clock::now())) {
        auto overflow = make_event(EventType::watch_overflow, Severity::warning,
                                   "more changes at once than the kernel queues "
                                   "(fs.inotify.max_queued_events): everything is looked at again");
        overflow.lost_since = last_drain_;
        if (*suppressed > 0)
            overflow.suppressed = *suppressed;
        tell_(std::move(overflow));
    }
    look_at_all_in_time(Trigger::overflow);
}

void Keeper::accounts_may_have_changed() {
    constexpr std::chrono::milliseconds until_written{100}; // useradd writes several files
    if (!accounts_due_)
        accounts_due_ = Clock::now() + until_written;
}

void Keeper::ask_accounts() {
    accounts_due_.reset();
    account_stamp_ = stamp_of_account_files();
    ask_accounts_();
}

void Keeper::look_at_polled() {
    for (const auto& inhabitant : inhabitants_)
        if (inhabitant && inhabitant->polled)
            mark(inhabitant->id, Trigger::rescan);
}

Keeper::Progress Keeper::work(Clock::time_point deadline) {
    wake_the_due();
    OpenRoots open;
    if (!errands_.empty())
        run_errand(open); // a step in every slice, however many events come
    do {
        if (!urgent_roots_.empty()) {
            const auto id = urgent_roots_.front();
            urgent_roots_.pop_front();
            roots_[id]->marked = false;
            reconcile_root(id, open);
        } else if (const auto next = urgent_.take()) {
            inhabitants_[*next]->marked = false;
            reconcile(*inhabitants_[*next], open);
        } else if (!errands_.empty()) {
            run_errand(open);
        } else if (!full_look_ || !step_full_look(open)) {
            return Progress::idle;
        }
    } while (Clock::now() < deadline);
    return Progress::more;
}

void Keeper::wake_the_due() {
    const auto now = Clock::now();
    if (canary_.take_silence(now))
        watch_died();
    if (accounts_due_ && *accounts_due_ <= now && first_look_done_)
        ask_accounts(); // whoever is known comes first
    if (const auto past = storm_.take_end(now))
        tell_(summary_of(*past));
    if (full_look_due_ && !full_look_ && *full_look_due_ <= now)
        look_at_all(full_look_due_trigger_);
    while (!alarms_.empty() && alarms_.begin()->first <= now) {
        const auto who = alarms_.begin()->second;
        alarms_.erase(alarms_.begin());
        alarm_of(who).reset();
        if (who.kind == Who::Kind::root)
            mark_root(who.id, Trigger::retry);
        else
            mark(who.id, Trigger::retry);
    }
}

std::optional<Keeper::Clock::time_point>& Keeper::alarm_of(Who who) {
    return who.kind == Who::Kind::root ? roots_[who.id]->alarm : inhabitants_[who.id]->alarm;
}

void Keeper::wake_at(Clock::time_point time, Who who) {
    auto& alarm = alarm_of(who);
    if (alarm && *alarm <= time)
        return;
    alarm = time;
    alarms_.emplace(time, who);
}

std::optional<Keeper::Clock::time_point> Keeper::next_due() const {
    std::optional<Clock::time_point> next;
    const auto consider = [&](std::optional<Clock::time_point> time) {
        if (time && (!next || *time < *next))
            next = time;
    };
    if (first_look_done_)
        consider(accounts_due_);
    consider(full_look_due_);
    consider(canary_.due());
    consider(storm_.due());
    if (!alarms_.empty())
        consider(alarms_.begin()->first);
    return next;
}

} // namespace sshpermd
