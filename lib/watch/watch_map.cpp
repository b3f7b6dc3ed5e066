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

void WatchMap::add(int wd, Place place) {
    const auto [first, last] = places_.equal_range(wd);
    const bool known =
        std::any_of(first, last, [&](const auto& entry) { return entry.second == place; });
    if (known)
        return;
    places_.emplace(wd, place);
    ++count_of(place);
}

void WatchMap::remove(int wd, Place place) {
    const auto [first, last] = places_.equal_range(wd);
    const auto found =
        std::find_if(first, last, [&](const auto& entry) { return entry.second == place; });
    if (found == last)
        return;
    --count_of(place);
    places_.erase(found);
}

void WatchMap::remove_all(int wd) {
    visit(wd, [this](Place place) { --count_of(place); });
    places_.erase(wd);
}

} // namespace sshpermd
