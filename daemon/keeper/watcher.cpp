#include "keeper/watcher.hpp"

#include <sys/inotify.h>

#include <algorithm>
#include <utility>

namespace sshpermd {

Watcher::Watcher(const Config& config) {
    names_.key_files = config.key_files;
    names_.private_keys = config.private_keys;
    names_.client_config = config.client_config;
}

bool Watcher::replace(int& wd, const Handle& dir, Place place, std::uint32_t more_mask) {
    const auto old = std::exchange(wd, -1);
    int now = -1;
    try {
        now = inotify_.watch(dir, mask_of(place.kind) | more_mask);
    } catch (...) {
        wd = old;
        drop(wd, place);
        throw;
    }
    // The kernel never gives a number out again: the same number means watched all the time.
    if (now != old) {
        wd = old;
        drop(wd, place);
    }
    wd = now;
    map_.add(now, place);
    return now != old;
}

void Watcher::expect_claims(bool are_expected) {
    expects_claims_ = are_expected;
    reported_.clear();
}

bool Watcher::claim(int& wd, int found, Place place) {
    if (found < 0)
        return false;
    wd = found;
    map_.add(found, place);
    return reported_.contains(found); // one directory may be two places
}

void Watcher::disclaim(int found) {
    if (found >= 0 && !map_.contains(found))
        inotify_.unwatch(found);
}

void Watcher::drop(int& wd, Place place) {
    const auto old = std::exchange(wd, -1);
    if (old < 0)
        return;
    map_.remove(old, place);
    if (map_.contains(old))
        return;
    noise_.erase(old);
    inotify_.unwatch(old);
}

void Watcher::set_next_name(std::uint32_t root, std::string name) {
    if (next_names_.size() <= root)
        next_names_.resize(root + 1);
    next_names_[root] = std::move(name);
}

Watcher::Drained Watcher::drain(const Hear& hear, bool was_left) {
    constexpr int most_reads = 64; // whoever makes events faster than this is not waited for
    each_stands_for_ = was_left ? Noise::merged_into_one : 1;
    auto drained = Drained::nothing;
    int reads = 0;
    do {
        InotifyBuffer buffer{inotify_.read()};
        const auto now = Noise::Clock::now();
        for (Change change; buffer.next(change);) {
            if ((change.mask & IN_Q_OVERFLOW) != 0)
                drained = Drained::overflow;
            else
                hear_change(change, hear, now);
            drained = std::max(drained, Drained::complete);
        }
    } while (inotify_.may_have_more() && ++reads < most_reads);
    return drained;
}

void Watcher::hear_change(const Change& change, const Hear& hear, Noise::Clock::time_point now) {
    count(change.wd, now);
    if (expects_claims_ && !map_.contains(change.wd))
        reported_.insert(change.wd);
    map_.visit(change.wd, [&](Place place) {
        if (place.kind == PlaceKind::above_root)
            names_.below_parent = next_names_.at(place.owner);
        const auto meaning = interpret(place.kind, change, names_);
        if (meaning.wanted != Meaning::Wanted::nothing)
            hear(place, meaning, change.name);
    });
    if ((change.mask & IN_IGNORED) != 0) {
        map_.remove_all(change.wd);
        noise_.erase(change.wd);
    }
}

void Watcher::count(int wd, Noise::Clock::time_point now) {
    bool is_watched = false;
    bool can_be_polled = true; // a home root's watch stands for others, too
    map_.visit(wd, [&](Place place) {
        is_watched = true;
        can_be_polled &= place.kind == PlaceKind::home || place.kind == PlaceKind::ssh_dir;
    });
    if (is_watched && can_be_polled && noise_[wd].heard(now, each_stands_for_))
        map_.visit(wd, [&](Place place) {
            if (std::find(noisy_.begin(), noisy_.end(), place) == noisy_.end())
                noisy_.push_back(place);
        });
}

} // namespace sshpermd
