#include "repair/plan.hpp"

namespace sshpermd {

std::vector<Step> plan(const Drift& drift) {
    const auto& was = drift.was;
    const auto& expected = drift.expected;

    SetOwner ids;
    if (was.owner != expected.owner)
        ids.owner = expected.owner;
    if (was.group != expected.group)
        ids.group = expected.group;
    if (!ids.owner && !ids.group)
        return {SetMode{expected.mode}};

    std::vector<Step> steps;
    const Mode narrowed = was.mode & expected.mode;
    if (narrowed != was.mode)
        steps.emplace_back(SetMode{narrowed});
    steps.emplace_back(ids);
    constexpr unsigned cleared_by_chown = 06000;
    if (narrowed != expected.mode || expected.mode.has(cleared_by_chown))
        steps.emplace_back(SetMode{expected.mode});
    return steps;
}

} // namespace sshpermd
