#include "events/daemon_event.hpp"
#include "keeper/inhabitant.hpp"
#include "keeper/keeper.hpp"

#include <string>

// The keeper's ears: what somebody may cause as often as he likes costs little, and costs the
// others nothing.

namespace sshpermd {

/// At once, unless the last looks were in vain and came too fast.
void Keeper::mark_heard(Inhabitant& inhabitant) {
    const auto now = Clock::now();
    if (inhabitant.vain_rounds.has_one(now))
        return mark(inhabitant.id, Trigger::inotify);
    wake_at(inhabitant.vain_rounds.next(now), {Who::Kind::inhabitant, inhabitant.id});
}

Keeper::Clock::time_point Keeper::next_drain() const { return vain_drains_.next(Clock::now()); }

void Keeper::leave_unwatched(const std::vector<Place>& noisy) {
    const auto now = Clock::now();
    for (const auto place : noisy) {
        auto& inhabitant = *inhabitants_[place.owner];
        if (inhabitant.hush && inhabitant.hush->lasts(now))
            continue;
        const auto length = inhabitant.hush.make().begin(now);
        watcher_->drop(inhabitant.home_wd, {PlaceKind::home, inhabitant.id});
        watcher_->drop(inhabitant.ssh_wd, {PlaceKind::ssh_dir, inhabitant.id});
        mark(inhabitant.id, Trigger::retry);
        tell_(make_event_about(
            EventType::watch_noisy, Severity::warning, *inhabitant.home.account,
            "more than " + std::to_string(Noise::most_a_second) +
                " changes a second in this home or its .ssh: not watched, but looked at every "
                "second, for the next " +
                std::to_string(length.count()) + " s"));
    }
}

/// Says so when it no longer is.
bool Keeper::is_too_noisy(Inhabitant& inhabitant) {
    const auto now = Clock::now();
    if (inhabitant.hush && inhabitant.hush->lasts(now)) {
        wake_at(inhabitant.hush->next_look(now), {Who::Kind::inhabitant, inhabitant.id});
        return true;
    }
    if (inhabitant.hush && inhabitant.hush->take_end(now))
        tell_(make_event_about(EventType::watch_resumed, Severity::info, *inhabitant.home.account,
                               "watched again after too many changes"));
    return false;
}

} // namespace sshpermd
