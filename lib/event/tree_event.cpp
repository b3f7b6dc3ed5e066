#include "event/tree_event.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace sshpermd {
namespace {

/// Of the facts, as JSON; the rest of a line never needs what is left of 4,000 bytes.
constexpr std::size_t room = 2200;
constexpr std::size_t room_of_an_owner = 64; ///< around its inodes

/// Inodes from `first` on that follow each other: "12-40". Moves `first` behind them.
template <typename Iterator>
std::string run_of(Iterator& first, Iterator end, std::uint64_t& count) {
    const auto begin = *first;
    auto last = begin.inode;
    count = 1;
    while (++first != end && first->owner == begin.owner && first->group == begin.group &&
           first->inode == last + 1) {
        last = first->inode;
        ++count;
    }
    auto text = std::to_string(begin.inode);
    if (last != begin.inode)
        text += "-" + std::to_string(last);
    return text;
}

std::vector<TreeFacts> facts_of(std::vector<TreeChange> changes) {
    const auto key = [](const TreeChange& change) {
        return std::tie(change.owner, change.group, change.inode);
    };
    std::sort(changes.begin(), changes.end(),
              [&](const TreeChange& a, const TreeChange& b) { return key(a) < key(b); });
    std::vector<TreeFacts> all;
    std::size_t used = room;
    for (auto at = changes.begin(); at != changes.end();) {
        const auto& [inode, owner, group] = *at;
        const std::pair whose{owner, group};
        std::uint64_t count = 0;
        const auto run = run_of(at, changes.end(), count);
        if (used + run.size() + room_of_an_owner >= room) {
            all.emplace_back();
            used = 0;
        }
        auto& facts = all.back();
        if (facts.from.empty() ||
            std::pair{facts.from.back().owner, facts.from.back().group} != whose) {
            facts.from.push_back({whose.first, whose.second, run});
            used += room_of_an_owner;
        } else {
            facts.from.back().inodes += "," + run;
        }
        used += run.size() + 1;
        facts.count += count;
    }
    return all;
}

Event event_about(const TreeOwner& whose) {
    Event event;
    event.type = EventType::tree_repaired;
    event.severity = Severity::notice;
    event.outcome = Outcome::repaired;
    event.trigger = Trigger::command;
    event.user = UserRef{whose.user, whose.uid};
    event.file = FileRef{whose.home, FileType::dir, std::nullopt, std::nullopt};
    return event;
}

std::string files(std::uint64_t count) {
    return std::to_string(count) + (count == 1 ? " file" : " files");
}

std::vector<Event> events_with(const TreeOwner& whose, std::span<const TreeChange> changes,
                               const Accounts& accounts) {
    std::vector<Event> events;
    for (auto& facts : facts_of({changes.begin(), changes.end()})) {
        auto event = event_about(whose);
        event.message = files(facts.count) + " below the home of " + whose.user +
                        " were handed over, from uid " + std::to_string(facts.from.front().owner) +
                        (facts.from.size() > 1 ? " and others" : "");
        const auto name = accounts.user_name(whose.uid);
        const auto group = accounts.group_name(whose.gid);
        facts.owner = {whose.uid, name ? std::optional<std::string>{*name} : std::nullopt};
        facts.group = {whose.gid, group ? std::optional<std::string>{*group} : std::nullopt};
        event.tree = std::move(facts);
        events.push_back(std::move(event));
    }
    return events;
}

} // namespace

std::vector<Event> events_of(const TreeOwner& whose, std::span<const TreeChange> changes,
                             const Accounts& accounts) {
    return events_with(whose, changes, accounts);
}

std::vector<Event> events_of_interrupted(const TreeOwner& whose,
                                         std::span<const TreeChange> changes,
                                         const std::string& held, const Accounts& accounts) {
    auto events = events_with(whose, changes, accounts);
    if (events.empty())
        events.push_back(event_about(whose));
    for (auto& event : events) {
        event.severity = Severity::warning;
        event.outcome = Outcome::reported;
        event.message = "a repair below the home of " + whose.user +
                        " was cut off: " + files(event.tree ? event.tree->count : 0) +
                        " handed over" + (held.empty() ? "" : ", and " + held + " given back");
    }
    return events;
}

Event event_of_made(const TreeOwner& whose, Target target, const Expected& expected,
                    const Accounts& accounts) {
    auto event = event_about(whose);
    event.type = EventType::home_created;
    event.target = target;
    event.file->path += target == Target::home ? "" : "/.ssh";
    event.expected = attributes_of(expected, accounts);
    event.message = target == Target::home ? "a home was made, with what is in /etc/skel"
                                           : "an empty .ssh was made";
    return event;
}

Event event_of_interrupted(const TreeOwner& whose, Target target, const Expected& expected,
                           bool is_there, const Accounts& accounts) {
    auto event = event_of_made(whose, target, expected, accounts);
    event.severity = Severity::warning;
    event.outcome = Outcome::reported;
    event.message = "who made " + std::string{target == Target::home ? "a home" : "an empty .ssh"} +
                    " was cut off: " + (is_there ? "it is there" : "it is not there");
    return event;
}

} // namespace sshpermd
