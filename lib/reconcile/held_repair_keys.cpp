#include "reconcile/held_repair.hpp"

#include "system/content.hpp"
#include "system/replacement.hpp"

#include <cerrno>
#include <system_error>

// A held repair's key files: opened again, closed, read, judged, and then made right or left
// closed.

namespace sshpermd {
namespace {

bool is_third_users(const Link& key) {
    const auto owner = key.report.observed->owner;
    return owner != 0 && owner != key.report.expected.owner;
}

} // namespace

bool HeldRepair::open_again(Link& key) {
    auto& report = key.report;
    auto opened = open_child(repairer_.kernel(), *chain_[at_ssh_dir].handle, key.thing);
    key.handle.reset();
    report.observed.reset();
    if (const auto* const refusal = std::get_if<Refusal>(&opened))
        report.finding = *refusal;
    auto* const handle = std::get_if<Handle>(&opened);
    if (handle == nullptr) {
        if (std::holds_alternative<Missing>(opened))
            report.finding = Missing{};
        return false;
    }
    key.handle = std::move(*handle);
    report.observed = key.handle->observe();
    report.finding =
        judge(report.target, *report.observed, report.expected, *key.rule, report.blocks_login);
    return true;
}

void HeldRepair::repair_key(Link& key) {
    auto& report = key.report;
    if (key.rule->ignore || (!judges_ && !is_drift(key)))
        return;
    const bool was_tried = report.tried;
    if (!open_again(key)) {
        cannot_be_judged_ = cannot_be_judged_ || (judges_ && is_refused(key));
        return;
    }
    const auto seen = admit_key(key, grounds_);
    report.tried = was_tried || is_drift(key);
    if (!judges_) {
        if (is_drift(key))
            repairer_.change(report, *key.handle);
        return;
    }
    const bool is_whole = !is_refused(key) || is_immutable(key);
    if (is_whole && is_third_users(key) && !grounds_.word.take_ownership &&
        !judge_content(seen ? *seen : read_key_file(*key.handle), vouchers_).trusted)
        return refuse(key, RefusalReason::foreign_owner);
    if (!is_whole) {
        cannot_be_judged_ = cannot_be_judged_ || may_be_followed(key);
        return;
    }
    settle_content(key);
}

/// Closed, read, judged, and only then made right: at no moment, and after no crash, does sshd see
/// a key file that is right and was not judged.
void HeldRepair::settle_content(Link& key) {
    auto& report = key.report;
    const auto begun = repairer_.begin(report);
    const bool can_be_closed = !is_immutable(key);
    if (can_be_closed && change_mode(repairer_.kernel(), key.handle->fd(), Mode{0}) != 0)
        throw std::system_error(errno, std::generic_category(), "close a key file");
    const auto settled = read(key);
    const auto judgement = judge_content(settled.content, vouchers_);
    report.content = judgement.facts;
    if (!judgement.trusted) {
        if (can_be_closed)
            return stay_closed(key);
        cannot_be_judged_ = true;
        return repairer_.end(report, *key.handle, begun);
    }
    if (can_be_closed && !is_last_look_ && !is_as_closed(key)) {
        is_disturbed_ = true;
        return;
    }
    if (can_be_closed && settled.writer_remains && !replace(key, settled.content) &&
        vouchers_.on_exposed != OnExposed::repair)
        return stay_closed(key);
    if (can_be_closed)
        report.failure = repairer_.bring_to(in_the_end(key), *key.handle);
    if (report.failure)
        report.action = Action::failed;
    else if (is_drift(key))
        report.action = Action::repaired;
    repairer_.end(report, *key.handle, begun);
    if (report.failure)
        return;
    memory_.learn_lines(*report.account, judgement.lines);
    memory_.release(*report.account, key.thing);
}

/// Is it still closed to everybody, and whose it was when it was closed?
bool HeldRepair::is_as_closed(const Link& key) const {
    const auto now = key.handle->observe();
    const auto& was = *key.report.observed;
    return now.mode == Mode{0} && now.owner == was.owner && now.group == was.group;
}

/// What cannot be read (without /proc) is judged as what is too large to be.
SettledContent HeldRepair::read(const Link& key) const {
    try {
        return read_settled_key_file(*key.handle);
    } catch (const std::system_error&) {
        SettledContent unread;
        unread.content.too_large = true;
        return unread;
    }
}

/// A new file with the bytes that were judged. False when that cannot be done.
bool HeldRepair::replace(Link& key, const KeyFileContent& content) {
    if (content.too_large || key.report.observed->links != 1)
        return false;
    const auto& dir = *chain_[at_ssh_dir].handle;
    const auto& expected = key.report.expected;
    if (replace_file(dir, key.thing, *key.handle, content.text,
                     {Mode{0}, expected.owner, expected.group}))
        return false;
    auto opened = open_child(repairer_.kernel(), dir, key.thing);
    auto* const handle = std::get_if<Handle>(&opened);
    if (handle == nullptr)
        return false;
    key.handle = std::move(*handle);
    key.report.replaced = true;
    key.report.action = Action::repaired;
    return true;
}

/// Closed it is already; its account has it, to look at and to open.
void HeldRepair::stay_closed(Link& key) {
    const auto& owner = key.report.expected;
    withhold(key, [&] {
        return repairer_.bring_to({Mode{0}, owner.owner, owner.group}, *key.handle);
    });
}

} // namespace sshpermd
