#include "reconcile/chain.hpp"

#include "finding/gate.hpp"

#include <algorithm>

namespace sshpermd {

namespace {

/// Open to others, or shut to them and not yet right.
bool is_open_home(const Report& home) {
    return home.exposed || is_closing(*home.observed, home.expected.owner);
}

} // namespace

Expected in_the_end(const Link& link) {
    if (const auto* const drift = std::get_if<Drift>(&link.report.finding))
        return drift->expected;
    const auto& was = *link.report.observed;
    return {was.mode, was.owner, was.group};
}

FileIdentity mark_of(const Link& link) {
    auto identity = link.handle->identity();
    return identity.empty() ? "inode " + std::to_string(link.report.observed->inode) : identity;
}

bool needs_hold(const Chain& chain) {
    return std::any_of(chain.begin(), chain.end(), [](const Link& link) {
        const auto* const drift = std::get_if<Drift>(&link.report.finding);
        return drift != nullptr && link.report.target != Target::home &&
               drift->was.owner != drift->expected.owner;
    });
}

bool is_exposed(const Chain& chain) {
    return std::any_of(chain.begin(), chain.end(), [](const Link& link) {
        if (!link.report.observed)
            return false;
        const auto& seen = *link.report.observed;
        switch (link.report.target) {
        case Target::home: return is_open_home(link.report);
        case Target::ssh_dir:
            return link.report.exposed || seen.mode == frozen_mode; // marked, whoever has it now
        case Target::authorized_keys: // closed by us, perhaps: nobody may remember
            return link.report.exposed || (is_drift(link) && seen.mode == Mode{0});
        case Target::home_root:
        case Target::private_key: // in no chain
        case Target::ssh_config: break;
        }
        return false;
    });
}

bool is_left_undone(const Chain& chain) {
    return std::any_of(chain.begin(), chain.end(), [](const Link& link) {
        const auto& report = link.report;
        if (is_drift(link) && !link.withheld)
            return true;
        return report.observed && report.target == Target::home && is_open_home(report);
    });
}

bool has_withheld(const Chain& chain) {
    return std::any_of(chain.begin(), chain.end(), [](const Link& link) { return link.withheld; });
}

bool has_frozen(const Chain& chain) {
    return std::any_of(chain.begin(), chain.end(), [](const Link& link) {
        return link.report.observed && link.report.target == Target::ssh_dir &&
               is_frozen(*link.report.observed);
    });
}

bool is_withheld(const Memory& memory, const Link& link) {
    if (!link.handle)
        return false;
    const auto& seen = *link.report.observed;
    const bool is_closed = link.report.target == Target::home
                               ? is_closing(seen, link.report.expected.owner)
                               : seen.mode == Mode{0};
    return is_closed && memory.is_withheld(*link.report.account, link.thing, mark_of(link));
}

bool may_be_followed(const Link& link) {
    if (!link.report.observed)
        return true; // a mount: nobody knows
    const auto& seen = *link.report.observed;
    return seen.type == FileType::symlink ||
           ((seen.type == FileType::file || seen.type == FileType::dir) &&
            (seen.owner == 0 || seen.owner == link.report.expected.owner));
}

bool is_immutable(const Link& link) {
    const auto* const refusal = std::get_if<Refusal>(&link.report.finding);
    return refusal != nullptr && refusal->reason == RefusalReason::immutable;
}

} // namespace sshpermd
