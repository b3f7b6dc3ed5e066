#include "reconcile/undoing.hpp"

#include "event/text.hpp"
#include "finding/gate.hpp"
#include "finding/sshd_rule.hpp"
#include "system/content.hpp"
#include "system/hold.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

namespace sshpermd {
namespace {

Expected state_of(const Observed& seen) { return {seen.mode, seen.owner, seen.group}; }

/// What repairs make of a directory for a moment, or leave when they are cut off: no state that
/// anybody wants back.
bool is_mark(Target target, const Expected& state, uid_t account) {
    Observed dir;
    dir.type = FileType::dir;
    dir.mode = state.mode;
    dir.owner = state.owner;
    dir.group = state.group;
    return (target == Target::ssh_dir && is_frozen(dir)) ||
           (target == Target::home && is_closing(dir, account));
}

} // namespace

Undo blank_undo(const UndoRequest& request) {
    Undo undo;
    undo.event = request.event;
    undo.user = request.user;
    undo.target = request.target;
    undo.path = request.path;
    if (const auto dropped = request.before.mode & never_given_back; dropped != Mode{})
        undo.dropped = to_string(dropped);
    return undo;
}

Undoing::Undoing(Repairer& repairer, const Accounts& accounts, const UndoRequest& request)
    : repairer_(repairer),
      accounts_(accounts),
      request_(request),
      wanted_{request.before.mode & ~never_given_back, request.before.owner, request.before.group} {
    result_.undo = blank_undo(request);
    result_.undo.before = attributes_of(request.after, accounts);
    result_.undo.after = attributes_of(wanted_, accounts);
}

void Undoing::refuse(std::string reason, std::string why, std::string fix) {
    auto& undo = result_.undo;
    undo.result = UndoResult::refused;
    undo.reason = std::move(reason);
    undo.why = std::move(why);
    undo.fix = std::move(fix);
}

void Undoing::refuse(RefusalReason reason, const std::string& fix) {
    refuse(std::string{word(reason)}, std::string{why(reason)}, fix);
}

void Undoing::fail(const Failure& failure) {
    if (failure.number == EROFS)
        return refuse(RefusalReason::read_only);
    result_.undo.result = UndoResult::failed;
    result_.undo.error = EventError{error_name(failure.number),
                                    "cannot " + failure.doing + ": " + error_text(failure.number)};
}

void Undoing::fail(const std::system_error& error) {
    Report report;
    fail_to_look(report, error);
    fail(*report.failure);
}

/// Would the configuration in force leave it as it is to be?
bool Undoing::is_kept(const Object& object, const Observed& seen) const {
    if (object.rule.ignore)
        return true;
    auto then = seen;
    then.mode = wanted_.mode;
    then.owner = wanted_.owner;
    then.group = wanted_.group;
    const auto target = request_.target;
    if (is_client_side(target))
        return std::holds_alternative<Compliant>(
            judge_client_file(target, then, {object.policy.mode, then.owner, then.group},
                              object.rule, object.policy.owner));
    const auto finding = judge(target, then, object.policy, object.rule,
                               blocks_login(target, then, account_, accounts_));
    return std::holds_alternative<Compliant>(finding);
}

/// Is it the object of the repair, as the repair left it, and may it be given back?
bool Undoing::fits(const Object& object, const Observed& seen) {
    const auto identity = object.handle.identity();
    if (identity.empty())
        refuse("no_handle", "this file system cannot say which object it is");
    else if (hex_of(identity) != request_.handle)
        refuse("another_object", "what is called so now is not what was repaired");
    else if (object.is_withheld)
        refuse(std::string{word(RefusalReason::content_unknown)},
               "it is closed because nobody vouches for what is in it, and opened only by "
               "--trust-content (see sshpermctl events --user " +
                   request_.user + ")");
    else if (state_of(seen) != request_.after)
        refuse("changed_since", "it is " + spell(attributes_of(state_of(seen), accounts_)) +
                                    ", and no longer what the repair made of it");
    else if (seen.immutable)
        refuse(RefusalReason::immutable, "chattr -i -a " + shell_word(object.path));
    else if (is_mark(request_.target, request_.before, object.policy.owner))
        refuse("cut_off", "it was then in the middle of another repair");
    else if (wanted_ == state_of(seen))
        refuse("special_bits", "only set-id or sticky bits were taken away, and those are not "
                               "given back");
    else if (request_.target == Target::home_root &&
             (wanted_.owner != 0 || wanted_.mode.has(0022) || !wanted_.mode.has(0001)))
        refuse(wanted_.mode.has(0001) ? std::string{word(RefusalReason::unsafe_root)} : "too_tight",
               wanted_.mode.has(0001) ? "nothing below it could be protected any more"
                                      : "accounts could not reach their homes");
    else if (repairer_.hand() == Hand::repair && !is_kept(object, seen))
        refuse("not_kept", "the configuration in force has it repaired again at once");
    else
        return true;
    return false;
}

void Undoing::undo(const Object& object, const Link* ssh_dir) {
    result_.undo.path = object.path;
    try {
        const auto seen = object.handle.observe();
        if (!fits(object, seen))
            return;
        if (repairer_.hand() == Hand::look)
            result_.undo.result = UndoResult::would_undo;
        else if (!repairer_.kernel().can_repair())
            fail({ENOSYS, "set a mode without /proc and without fchmodat2"});
        else
            give_back(object, seen, ssh_dir);
    } catch (const std::system_error& error) {
        fail(error);
    }
}

void Undoing::give_back(const Object& object, const Observed& seen, const Link* ssh_dir) {
    auto& made = result_.made;
    made.target = request_.target;
    made.path = object.path;
    made.account = account_;
    made.observed = seen;
    made.expected = wanted_;
    const auto begun = repairer_.begin(made);
    try {
        if (ssh_dir != nullptr && wanted_.owner != seen.owner)
            give_back_held(object, seen, *ssh_dir);
        else
            set(object.handle, seen);
    } catch (const std::system_error& error) {
        fail(error);
    }
    repairer_.end(made, object.handle, begun);
    if (result_.undo.result != UndoResult::undone)
        return repairer_.drop(made);
    result_.undo.after = attributes_of(state_of(*made.after), accounts_);
}

/// Its account may change it until it is another's: it is right when a look says so.
void Undoing::set(const Handle& handle, const Observed& seen) {
    constexpr int most = 3;
    std::optional<Failure> failure;
    for (int times = 0; times < most && !failure; ++times) {
        failure = repairer_.bring_to(wanted_, handle);
        const auto now = handle.observe();
        if (failure || state_of(now) != wanted_)
            continue;
        const bool is_anothers = wanted_.owner != seen.owner && is_file(request_.target);
        if (!is_anothers || now.links == 1) {
            result_.undo.result = UndoResult::undone;
            return;
        }
        repairer_.bring_to(state_of(seen), handle);
        return refuse(RefusalReason::hard_linked);
    }
    repairer_.bring_to(state_of(seen), handle);
    fail(failure.value_or(Failure{EAGAIN, "change it: somebody keeps changing it meanwhile"}));
}

/// Under the hold nobody can give it another name in `.ssh`, or put another in its place.
bool Undoing::may_go(const Object& object, const Handle& dir) {
    const auto again = open_child(repairer_.kernel(), dir, object.name);
    const auto* const file = std::get_if<Handle>(&again);
    if (file == nullptr || !file->is_same_as(object.handle))
        refuse("another_object", "what is called so now is not what was repaired");
    else if (const auto seen = file->observe(); seen.links != 1)
        refuse(RefusalReason::hard_linked);
    else if (seen.type != FileType::file)
        refuse(RefusalReason::wrong_type);
    else if (read_settled_key_file(*file).writer_remains)
        refuse("being_written", "somebody has it open for writing, or nobody can tell (CAP_LEASE): "
                                "he could still write it when it is another's; try again");
    else
        return true;
    return false;
}

void Undoing::give_back_held(const Object& object, const Observed& seen, const Link& ssh_dir) {
    const auto was = ssh_dir.handle->observe();
    Hold hold{repairer_.kernel(), *ssh_dir.handle, was, state_of(was), frozen_unexposed_mode};
    if (may_go(object, *ssh_dir.handle))
        set(object.handle, seen);
    if (const auto failure = hold.release(); failure && result_.undo.result == UndoResult::undone) {
        repairer_.bring_to(state_of(seen), object.handle);
        fail(*failure); // the next round finds the mark, and finishes
    }
}

} // namespace sshpermd
