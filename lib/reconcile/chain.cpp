#include "reconcile/chain.hpp"

#include "finding/gate.hpp"

#include <algorithm>

namespace sshpermd {

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
        return link.report.exposed ||
               (link.report.observed && link.report.target == Target::ssh_dir &&
                is_frozen(*link.report.observed) && link.report.observed->mode == frozen_mode) ||
               (link.report.observed && link.report.target == Target::home &&
                is_closing(*link.report.observed, link.report.expected.owner));
    });
}

bool has_withheld(const Chain& chain) {
    return std::any_of(chain.begin(), chain.end(), [](const Link& link) { return link.withheld; });
}

bool is_withheld(const Memory& memory, const Link& link) {
    if (!link.handle || !is_drift(link))
        return false;
    const auto& seen = *link.report.observed;
    const bool is_closed = link.report.target == Target::home
                               ? is_closing(seen, link.report.expected.owner)
                               : seen.mode == Mode{0};
    return is_closed && memory.is_withheld(*link.report.account, link.thing, mark_of(link));
}

} // namespace sshpermd
