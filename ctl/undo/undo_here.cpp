#include "undo/undo_here.hpp"

#include "reconcile/request.hpp"
#include "store/identity.hpp"
#include "system/account_database.hpp"

#include <algorithm>
#include <utility>

namespace sshpermd {
namespace {

Expected state_of(const Attributes& attributes) {
    return {attributes.mode, attributes.owner.id, attributes.group.id};
}

/// Has this id another name now than when the repair was made?
bool is_anothers_now(const Id& id, const Accounts& accounts) {
    const auto name = accounts.user_name(id.id);
    return id.name && (!name || *name != *id.name);
}

} // namespace

Expected state_before(const PastRepair& repair) {
    auto state = state_of(repair.before);
    state.mode = state.mode & ~never_given_back;
    return state;
}

UndoRequest request_of(const PastRepair& repair) {
    return {repair.id,
            repair.user ? repair.user->name : "",
            repair.target,
            repair.path,
            repair.handle,
            state_of(repair.before),
            state_of(repair.after)};
}

Undo refusal(const PastRepair& repair, std::string reason, std::string why, std::string fix) {
    auto undo = blank_undo(request_of(repair));
    undo.before = repair.after;
    undo.after = repair.before;
    undo.after->mode = state_before(repair).mode;
    undo.reason = std::move(reason);
    undo.why = std::move(why);
    undo.fix = std::move(fix);
    return undo;
}

std::optional<Undo> objection(const PastRepair& repair, const PastRepairs& past,
                              const Accounts& accounts) {
    if (past.is_undone(repair.id))
        return refusal(repair, "already_undone", "it was undone before", "sshpermctl undo");
    if (repair.handle.empty())
        return refusal(repair, "no_handle",
                       "the record does not say which object it was: it was made by an older "
                       "sshpermd, or on a file system without handles");
    if (repair.machine != this_machine())
        return refusal(repair, "other_machine", "it was made on another machine");
    const auto* const account = repair.user ? accounts.by_name(repair.user->name) : nullptr;
    if (is_anothers_now(repair.before.owner, accounts) ||
        (account != nullptr && repair.user->id && account->uid != *repair.user->id))
        return refusal(repair, "other_account",
                       "an account of it has another uid, or a uid of it "
                       "another account, than when it was repaired");
    return std::nullopt;
}

bool was_exposed(const PastRepair& repair) {
    const auto owner = repair.before.owner.id;
    const bool is_strangers = owner != 0 && (!repair.user || owner != repair.user->id);
    return repair.exposed || repair.before.mode.has(0022) || is_strangers;
}

UndoHere::UndoHere(const Config& config, Hand hand, Recorder* recorder)
    : config_(config),
      accounts_(read_accounts(config.home_roots)),
      uid_min_(read_uid_min()),
      homes_(find_homes(accounts_, config, uid_min_)),
      memory_(StateUse::look),
      recorder_(recorder),
      round_(machine_, config_, *accounts_, resolve_group(*accounts_, config.home_root_group),
             hand) {
    if (recorder != nullptr)
        machine_.in_flight = recorder->in_flight();
    round_.remember_in(memory_.memory(), Learn::nothing);
}

const Home* UndoHere::home_of(const std::string& user) const {
    const auto found = std::find_if(homes_.begin(), homes_.end(),
                                    [&](const Home& home) { return home.account->name == user; });
    return found == homes_.end() ? nullptr : &*found;
}

std::string UndoHere::why_no_home(const std::string& user) const {
    return why_unknown(user, *accounts_, config_, uid_min_);
}

Undo UndoHere::run(const PastRepair& repair) {
    const auto* const home = repair.user ? home_of(repair.user->name) : nullptr;
    const auto& roots = config_.home_roots;
    if (repair.user && home == nullptr)
        return refusal(repair, "not_a_target", why_no_home(repair.user->name));
    if (!repair.user && std::find(roots.begin(), roots.end(), repair.path) == roots.end())
        return refusal(repair, "not_a_target", "it is not in home_roots any more");
    const auto root = round_.root(home != nullptr ? home->root() : repair.path);
    if (recorder_ != nullptr)
        recorder_->record(root.report, *accounts_);
    auto made = round_.undo(root, home, request_of(repair));
    if (made.undo.result == UndoResult::undone && recorder_ != nullptr)
        recorder_->record(event_of(made.undo, made.made, Trigger::command));
    return std::move(made.undo);
}

} // namespace sshpermd
