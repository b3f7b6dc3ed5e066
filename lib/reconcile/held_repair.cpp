#include "reconcile/held_repair.hpp"

#include "finding/gate.hpp"
#include "repair/plan.hpp"
#include "system/apply.hpp"

#include <algorithm>
#include <system_error>

namespace sshpermd {
namespace {

/// A directory of the account's own that is immutable: no name in it can change.
bool has_fixed_names(const Link& dir) {
    return dir.is_dir && dir.handle && dir.report.observed->immutable &&
           dir.report.observed->owner == dir.report.expected.owner;
}

} // namespace

HeldRepair::HeldRepair(Repairer& repairer, Memory& memory, const Grounds& grounds,
                       const Vouchers& vouchers, Chain& chain, bool is_last_look)
    : repairer_(repairer),
      memory_(memory),
      grounds_(grounds),
      vouchers_(vouchers),
      chain_(chain),
      is_last_look_(is_last_look),
      judges_(is_exposed(chain) || has_withheld(chain)) {}

HeldRepair::Outcome HeldRepair::run() {
    auto& home = chain_[at_home];
    home_is_shut_ =
        home.report.observed && is_closing(*home.report.observed, home.report.expected.owner);
    if (!repairer_.may_begin_all(chain_) || repairer_.hand() == Hand::look ||
        !repairer_.kernel().can_repair())
        return Outcome::done;
    if (!judges_ && is_drift(home))
        repairer_.change(home.report, *home.handle);

    const bool holds = hold_ssh_dir();
    if (judges_ && home.report.exposed && is_drift(home)) {
        const auto begun = repairer_.begin(home.report);
        if (auto failure = shut_home()) {
            home.report.failure = std::move(failure);
            home.report.action = Action::failed;
            repairer_.end(home.report, *home.handle, begun);
            return Outcome::done; // and .ssh goes back to what it was
        }
        if (!names_still_stand())
            return leave_disturbed();
    }
    for (auto i = at_keys; holds && !is_disturbed_ && i < chain_.size(); ++i) {
        try {
            repair_key(chain_[i]);
        } catch (const std::system_error& error) {
            fail(chain_[i].report, error);
            cannot_be_judged_ = cannot_be_judged_ || judges_;
        }
    }
    is_disturbed_ = is_disturbed_ || (!is_last_look_ && hold_ && !hold_->is_undisturbed());
    if (!is_disturbed_)
        release_ssh_dir();
    if (!is_disturbed_ && judges_)
        settle_home();
    share_content();
    return is_disturbed_ ? leave_disturbed() : Outcome::done;
}

HeldRepair::Outcome HeldRepair::leave_disturbed() {
    if (hold_)
        hold_->let_go();
    hold_.reset();
    for (auto& link : chain_)
        if (link.report.action == Action::none)
            repairer_.drop(link.report);
    return Outcome::look_again;
}

bool HeldRepair::hold_ssh_dir() {
    if (chain_.size() <= at_ssh_dir)
        return false;
    auto& ssh_dir = chain_[at_ssh_dir];
    if (has_fixed_names(ssh_dir))
        return true; // nothing to hold
    if (!ssh_dir.handle || !ssh_dir.is_dir || is_refused(ssh_dir))
        return false;
    const auto& was = *ssh_dir.report.observed;
    ssh_dir_begun_ = repairer_.begin(ssh_dir.report);
    hold_.emplace(repairer_.kernel(), *ssh_dir.handle, was, in_the_end(ssh_dir),
                  judges_ ? frozen_mode : frozen_unexposed_mode);
    if (was.owner == ssh_dir.report.expected.owner)
        return true;
    const auto reason = refuse_entries(repairer_.kernel(), ssh_dir, grounds_);
    if (!reason)
        return true;
    hold_->give_up();
    hold_.reset();
    refuse(ssh_dir, *reason);
    chain_.resize(at_keys);
    return false;
}

/// Others lose it, sshd refuses it, and whoever works in it as the account does not notice.
std::optional<Failure> HeldRepair::shut_home() {
    auto& home = chain_[at_home];
    auto seen = *home.report.observed;
    home_is_shut_ = true;
    if (is_closing(seen, home.report.expected.owner))
        return std::nullopt;
    home.handle->observe_acl(seen);
    SetOwner group_root{std::nullopt, 0};
    std::vector<Step> steps{group_root, SetMode{closing_mode}};
    // An ACL's entries would count as far as the group's bits go; a third user could take all back.
    if (seen.has_acl || seen.owner != home.report.expected.owner)
        steps = {SetOwner{0, 0}, SetMode{closing_mode_of_roots}};
    return apply(repairer_.kernel(), *home.handle, steps);
}

/// Is what is called `.ssh` still what was held, or still nothing?
bool HeldRepair::names_still_stand() const {
    if (chain_.size() <= at_ssh_dir)
        return true;
    const auto& ssh_dir = chain_[at_ssh_dir];
    const auto now = open_child(repairer_.kernel(), *chain_[at_home].handle, ".ssh");
    const auto* const handle = std::get_if<Handle>(&now);
    if (handle == nullptr || !ssh_dir.handle)
        return (handle == nullptr) == !ssh_dir.handle;
    return handle->is_same_as(*ssh_dir.handle);
}

void HeldRepair::withhold(Link& link, const std::function<std::optional<Failure>()>& close) {
    auto& report = link.report;
    // On record before it is closed: else the next round would take it for a mode that is too
    // tight.
    memory_.withhold(*report.account, link.thing, mark_of(link));
    const auto begun = repairer_.begin(report);
    report.tried = true;
    report.failure = close();
    report.action = report.failure ? Action::failed : Action::withheld;
    repairer_.end(report, *link.handle, begun);
}

void HeldRepair::release_ssh_dir() {
    if (!hold_)
        return;
    auto& ssh_dir = chain_[at_ssh_dir];
    auto& report = ssh_dir.report;
    const bool was_wrong = is_drift(ssh_dir);
    if (cannot_be_judged_ && !vouchers_.trust_anything()) {
        withhold(ssh_dir, [&] { return hold_->release(Mode{0}); });
        hold_.reset();
        return;
    }
    report.failure = hold_->release();
    hold_.reset();
    if (was_wrong || report.failure) {
        report.action = report.failure ? Action::failed : Action::repaired;
        memory_.release(*report.account, ssh_dir.thing);
    }
    repairer_.end(report, *ssh_dir.handle, ssh_dir_begun_);
}

void HeldRepair::settle_home() {
    auto& home = chain_[at_home];
    if (!is_drift(home))
        return;
    const bool has_ssh_dir = chain_.size() > at_ssh_dir;
    const bool leads_to_unknown = has_ssh_dir && (has_fixed_names(chain_[at_ssh_dir])
                                                      ? cannot_be_judged_
                                                      : is_refused(chain_[at_ssh_dir]) &&
                                                            may_be_followed(chain_[at_ssh_dir]));
    if (leads_to_unknown && home_is_shut_ && !vouchers_.trust_anything())
        return withhold(home, [] { return std::nullopt; }); // as shut as it is
    is_disturbed_ = !is_last_look_ && home_is_shut_ &&
                    !is_closing(home.handle->observe(), home.report.expected.owner);
    if (is_disturbed_)
        return;
    const auto begun = repairer_.begin(home.report);
    home.report.failure = repairer_.bring_to(in_the_end(home), *home.handle);
    home.report.action = home.report.failure ? Action::failed : Action::repaired;
    repairer_.end(home.report, *home.handle, begun);
    memory_.release(*home.report.account, home.thing);
}

/// Every repair of an exposed chain says what sshd trusts now.
void HeldRepair::share_content() {
    const auto key = std::find_if(chain_.begin(), chain_.end(),
                                  [](const Link& link) { return link.report.content.has_value(); });
    if (key == chain_.end())
        return;
    for (auto& link : chain_)
        if (link.report.tried && !link.report.content)
            link.report.content = key->report.content;
}

} // namespace sshpermd
