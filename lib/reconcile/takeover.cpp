#include "reconcile/takeover.hpp"

#include "finding/gate.hpp"
#include "system/chroot.hpp"
#include "system/content.hpp"

#include <algorithm>

namespace sshpermd {
namespace {

constexpr std::size_t at_home = 0;
constexpr std::size_t at_ssh_dir = 1;
constexpr std::size_t at_keys = 2;

/// Refused for no other reason than that it belongs to root?
bool is_refused_as_roots(const Link& link) {
    const auto* const refusal = std::get_if<Refusal>(&link.report.finding);
    return refusal != nullptr && link.handle && link.report.observed->owner == 0 &&
           (refusal->reason == RefusalReason::foreign_owner ||
            refusal->reason == RefusalReason::root_owned_home);
}

void refuse(Link& link, RefusalReason reason) { link.report.finding = Refusal{reason}; }

void admit(Link& link) {
    link.report.finding =
        judge_whoever_owns(*link.report.observed, link.report.expected, *link.rule);
}

void cut_behind(Chain& chain, std::size_t index) {
    chain[index].leads_on = false;
    chain.resize(index + 1);
}

bool is_refused(const Link& link) { return std::holds_alternative<Refusal>(link.report.finding); }

bool blocks(const Link& link) { return link.report.blocks_login == true; }

/// Decides on a `.ssh` of root's; what is in it is decided on before.
void decide_on_ssh_dir(const Kernel& kernel, Chain& chain, bool is_blocked) {
    auto& ssh_dir = chain[at_ssh_dir];
    const auto& observed = *ssh_dir.report.observed;
    if (is_frozen(observed))
        return admit(ssh_dir); // ours: a repair that was cut off
    if (!is_blocked)
        return;
    if (ssh_dir.report.exposed)
        return refuse(ssh_dir, RefusalReason::content_unknown);
    const auto reason =
        refuse_ssh_dir(read_entries(kernel, *ssh_dir.handle), ssh_dir.report.expected.owner);
    if (reason)
        return refuse(ssh_dir, *reason);
    if (std::any_of(chain.begin() + at_keys, chain.end(), is_refused))
        return refuse(ssh_dir, RefusalReason::unknown_entries);
    admit(ssh_dir);
}

} // namespace

void admit_key_of_root(Link& key) {
    if (!is_refused_as_roots(key))
        return;
    if (key.report.exposed)
        return refuse(key, RefusalReason::content_unknown);
    if (const auto reason = refuse_key_file(*key.report.observed, read_key_file(*key.handle)))
        return refuse(key, *reason);
    admit(key);
}

void admit_what_is_roots(const Kernel& kernel, Chain& chain, bool root_exposed) {
    const bool is_blocked = std::any_of(chain.begin(), chain.end(), blocks);
    auto& home = chain[at_home];
    if (is_refused_as_roots(home)) {
        const bool may_be_given = is_blocked && !root_exposed && !home.report.exposed;
        if (!may_be_given || sshd_may_chroot(*home.report.account))
            return cut_behind(chain, at_home);
        admit(home);
    }
    for (auto key = at_keys; key < chain.size(); ++key)
        admit_key_of_root(chain[key]);
    if (chain.size() <= at_ssh_dir || !is_refused_as_roots(chain[at_ssh_dir]))
        return;
    decide_on_ssh_dir(kernel, chain, is_blocked);
    if (is_refused(chain[at_ssh_dir]))
        cut_behind(chain, at_ssh_dir);
}

bool needs_hold(const Chain& chain) {
    return std::any_of(chain.begin(), chain.end(), [](const Link& link) {
        const auto* const drift = std::get_if<Drift>(&link.report.finding);
        return drift != nullptr && link.report.target != Target::home &&
               drift->was.owner != drift->expected.owner;
    });
}

} // namespace sshpermd
