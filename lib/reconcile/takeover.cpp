#include "reconcile/takeover.hpp"

#include "system/content.hpp"

#include <algorithm>

namespace sshpermd {
namespace {

/// Refused for no other reason than its owner?
bool is_refused_for_owner(const Link& link) {
    const auto* const refusal = std::get_if<Refusal>(&link.report.finding);
    return refusal != nullptr && link.handle &&
           (refusal->reason == RefusalReason::foreign_owner ||
            refusal->reason == RefusalReason::root_owned_home);
}

bool is_roots(const Link& link) { return link.report.observed->owner == 0; }

bool is_nobodys(const Link& link, const Grounds& grounds) {
    return link.report.observed->owner == grounds.nobodys && !link.report.exposed;
}

void admit(Link& link) {
    link.report.finding =
        judge_whoever_owns(*link.report.observed, link.report.expected, *link.rule);
}

void cut_behind(Chain& chain, std::size_t index) {
    chain[index].leads_on = false;
    chain.resize(index + 1);
}

bool blocks(const Link& link) { return link.report.blocks_login == true; }

bool may_give_home(Machine& machine, const Link& home, const Grounds& grounds, bool is_blocked) {
    if (is_closing(*home.report.observed, home.report.expected.owner))
        return true; // ours: a repair that was cut off, or left so
    if (!is_roots(home))
        return grounds.word.take_ownership || grounds.knows(home) || is_nobodys(home, grounds);
    if (!is_blocked && !grounds.word.take_ownership)
        return false;
    const bool has_grounds =
        grounds.word.take_ownership || !grounds.root_was_open || grounds.knows(home);
    return has_grounds && !machine.may_confine(*home.report.account);
}

/// Decides on a `.ssh` that is not the account's; what is in it is decided on before.
void decide_on_ssh_dir(const Kernel& kernel, Chain& chain, const Grounds& grounds,
                       bool is_blocked) {
    auto& ssh_dir = chain[at_ssh_dir];
    if (is_frozen(*ssh_dir.report.observed))
        return admit(ssh_dir); // ours: a repair that was cut off
    const bool has_grounds = grounds.word.take_ownership ||
                             (is_roots(ssh_dir) ? is_blocked : grounds.knows(ssh_dir)) ||
                             is_nobodys(ssh_dir, grounds);
    if (!has_grounds)
        return;
    if (const auto reason = refuse_entries(kernel, ssh_dir, grounds))
        return refuse(ssh_dir, *reason);
    if (!grounds.knows(ssh_dir) && std::any_of(chain.begin() + at_keys, chain.end(), is_refused))
        return refuse(ssh_dir, RefusalReason::unknown_entries);
    admit(ssh_dir);
}

} // namespace

bool Grounds::knows(const Link& link) const {
    return memory != nullptr &&
           memory->knows(*link.report.account, link.thing, link.handle->identity());
}

std::optional<RefusalReason> refuse_entries(const Kernel& kernel, const Link& ssh_dir,
                                            const Grounds& grounds) {
    const auto& observed = *ssh_dir.report.observed;
    if (is_frozen(observed) || (grounds.knows(ssh_dir) && !grounds.word.take_ownership))
        return std::nullopt;
    auto entries = read_entries(kernel, *ssh_dir.handle);
    for (auto& entry : entries) // the directory's own owner may have left files in it
        if (entry.owner == observed.owner)
            entry.owner = 0;
    return refuse_ssh_dir(entries, ssh_dir.report.expected.owner);
}

std::optional<KeyFileContent> admit_key(Link& key, const Grounds& grounds) {
    if (!is_refused_for_owner(key))
        return std::nullopt;
    const bool has_grounds = is_roots(key) || grounds.word.take_ownership || grounds.knows(key) ||
                             is_nobodys(key, grounds);
    if (!has_grounds)
        return std::nullopt;
    if (key.report.observed->links != 1) { // before anything is read
        refuse(key, RefusalReason::hard_linked);
        return std::nullopt;
    }
    auto content = read_key_file(*key.handle);
    if (const auto reason = refuse_key_file(*key.report.observed, content))
        refuse(key, *reason);
    else
        admit(key);
    return content;
}

void admit_what_is_not_the_accounts(Machine& machine, Chain& chain, const Grounds& grounds) {
    const bool is_blocked = std::any_of(chain.begin(), chain.end(), blocks);
    auto& home = chain[at_home];
    if (is_refused_for_owner(home)) {
        if (!may_give_home(machine, home, grounds, is_blocked)) {
            home.report.managed = is_roots(home) && !is_blocked && !home.report.exposed;
            return cut_behind(chain, at_home);
        }
        admit(home);
    }
    for (auto key = at_keys; key < chain.size(); ++key)
        admit_key(chain[key], grounds);
    if (chain.size() <= at_ssh_dir || !is_refused_for_owner(chain[at_ssh_dir]))
        return;
    auto& ssh_dir = chain[at_ssh_dir];
    decide_on_ssh_dir(machine.kernel, chain, grounds, is_blocked);
    if (is_refused(ssh_dir)) {
        ssh_dir.report.managed = is_roots(ssh_dir) && !is_blocked && !ssh_dir.report.exposed;
        cut_behind(chain, at_ssh_dir);
    }
}

} // namespace sshpermd
