#include "watch/watch_map.hpp"

#include <sys/inotify.h>

#include <algorithm>

namespace sshpermd {
namespace {

constexpr std::uint32_t arrivals = IN_CREATE | IN_MOVED_TO;
constexpr std::uint32_t departures = IN_DELETE | IN_MOVED_FROM;

std::optional<Target> if_arrived(const Change& change, Target target) {
    return (change.mask & arrivals) != 0 ? std::optional{target} : std::nullopt;
}

Meaning of_home_root(const Change& change) {
    if (change.name.empty())
        return {Meaning::Wanted::look_at_root, {}};
    return {Meaning::Wanted::look_at_home, if_arrived(change, Target::home)};
}

Meaning of_home(const Change& change) {
    if (change.name.empty())
        return {Meaning::Wanted::look_at_account, {}};
    if (change.name != ".ssh")
        return {};
    return {Meaning::Wanted::look_at_account, if_arrived(change, Target::ssh_dir)};
}

std::optional<Target> target_called(std::string_view name, const WatchedNames& names) {
    const auto& files = names.key_files;
    if (std::find(files.begin(), files.end(), name) != files.end())
        return Target::authorized_keys;
    if (names.private_keys && may_be_private_key(name))
        return Target::private_key;
    if (names.client_config && name == ssh_config_name)
        return Target::ssh_config;
    return std::nullopt;
}

Meaning of_ssh_dir(const Change& change, const WatchedNames& names) {
    if (change.name.empty())
        return {Meaning::Wanted::look_at_account, {}};
    const auto target = target_called(change.name, names);
    if (!target)
        return {};
    return {Meaning::Wanted::look_at_account, if_arrived(change, *target)};
}

} // namespace

std::uint32_t mask_of(PlaceKind kind) {
    switch (kind) {
    case PlaceKind::above_root:
        return IN_ATTRIB | arrivals | departures | IN_DELETE_SELF | IN_MOVE_SELF;
    case PlaceKind::home_root: return IN_ATTRIB | arrivals | departures | IN_DELETE_SELF;
    case PlaceKind::home: return arrivals | departures;
    case PlaceKind::ssh_dir: return IN_ATTRIB | IN_CLOSE_WRITE | arrivals | departures;
    case PlaceKind::account_files: return IN_CLOSE_WRITE | arrivals;
    case PlaceKind::canary: return IN_ATTRIB;
    }
    return 0;
}

Meaning interpret(PlaceKind kind, const Change& change, const WatchedNames& names) {
    switch (kind) {
    case PlaceKind::above_root:
        if (change.name.empty() || change.name == names.below_parent)
            return {Meaning::Wanted::look_at_root, {}};
        return {};
    case PlaceKind::home_root: return of_home_root(change);
    case PlaceKind::home: return of_home(change);
    case PlaceKind::ssh_dir: return of_ssh_dir(change, names);
    case PlaceKind::account_files:
        if (change.name == "passwd" || change.name == "group" || change.name == "nsswitch.conf")
            return {Meaning::Wanted::read_accounts, {}};
        return {};
    case PlaceKind::canary:
        if (!change.name.empty())
            return {Meaning::Wanted::sign_of_life, {}};
        return {};
    }
    return {};
}

WatchMap::Entries::const_iterator WatchMap::first_of(int wd) const {
    return std::lower_bound(entries_.begin(), entries_.end(), wd,
                            [](const Entry& entry, int number) { return entry.wd < number; });
}

bool WatchMap::contains(int wd) const {
    bool is_there = false;
    visit(wd, [&](Place) { is_there = true; });
    return is_there;
}

void WatchMap::add(int wd, Place place) {
    bool is_known = false;
    visit(wd, [&](Place known) { is_known = is_known || known == place; });
    if (is_known)
        return;
    entries_.insert(first_of(wd + 1), {wd, place.owner, place.kind, false});
    ++count_of(place);
}

void WatchMap::remove(Entry& entry) {
    entry.removed = true;
    ++removed_;
    --count_of(entry.place());
}

void WatchMap::remove(int wd, Place place) {
    for (auto at = entries_.begin() + (first_of(wd) - entries_.begin());
         at != entries_.end() && at->wd == wd; ++at)
        if (!at->removed && at->place() == place)
            remove(*at);
    tidy_up();
}

void WatchMap::remove_all(int wd) {
    for (auto at = entries_.begin() + (first_of(wd) - entries_.begin());
         at != entries_.end() && at->wd == wd; ++at)
        if (!at->removed)
            remove(*at);
    tidy_up();
}

void WatchMap::tidy_up() {
    if (removed_ <= entries_.size() / 2)
        return;
    std::erase_if(entries_, [](const Entry& entry) { return entry.removed; });
    removed_ = 0;
}

} // namespace sshpermd
