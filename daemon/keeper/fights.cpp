#include "keeper/fights.hpp"

#include <algorithm>
#include <utility>

namespace sshpermd {
namespace {

constexpr std::chrono::hours day{24};

} // namespace

Fights::State Fights::state_of(const Observed& observed) {
    return {observed.mode, observed.owner, observed.group};
}

bool Fights::repaired(const Report& report, Clock::time_point now) {
    std::erase_if(changes_, [&](const Change& one) { return now - one.last > day; });
    auto* const change = change_of(report);
    if (change == nullptr)
        return false;
    change->last = now;
    if (change->told)
        return false;
    std::erase_if(change->times, [&](Clock::time_point time) { return now - time > day; });
    change->times.push_back(now);
    if (change->times.size() < times_in_a_day)
        return false;
    change->times = {};
    change->told = true;
    return true;
}

/// Nothing when there is no room for another.
Fights::Change* Fights::change_of(const Report& report) {
    if (!report.observed || !report.after)
        return nullptr;
    const auto found = state_of(*report.observed);
    const auto made = state_of(*report.after);
    const auto known = std::find_if(changes_.begin(), changes_.end(), [&](const Change& one) {
        return one.path == report.path && one.found == found && one.made == made;
    });
    if (known != changes_.end())
        return &*known;
    if (!make_room(report.path))
        return nullptr;
    return &changes_.emplace_back(Change{report.path, found, made, {}, {}, false});
}

bool Fights::make_room(const std::string& path) {
    std::size_t of_path = 0;
    auto oldest = changes_.end();
    for (auto one = changes_.begin(); one != changes_.end(); ++one) {
        if (one->path != path)
            continue;
        ++of_path;
        if (!one->told && (oldest == changes_.end() || one->last < oldest->last))
            oldest = one;
    }
    if (of_path < most_changes)
        return true;
    if (oldest == changes_.end())
        return false;
    changes_.erase(oldest);
    return true;
}

} // namespace sshpermd
