#include "reconcile/key_adding.hpp"

#include "finding/gate.hpp"
#include "keys/significant_lines.hpp"
#include "system/content.hpp"
#include "system/new_ssh_dir.hpp"
#include "system/replacement.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace sshpermd {
namespace {

Failure failure_of(const std::system_error& error) {
    Report report;
    fail_to_look(report, error);
    return *report.failure;
}

} // namespace

KeyAdding::KeyAdding(Repairer& repairer, Memory& memory, const WantedKey& wanted, const Home& home,
                     Chain& chain)
    : repairer_(repairer), memory_(memory), wanted_(wanted), home_(home), chain_(chain) {
    result_.addition = blank_addition(wanted, home);
}

AddedKey KeyAdding::run() {
    try {
        if (repairer_.hand() == Hand::look)
            look();
        else if (!is_fit())
            return std::move(result_);
        else if (chain_.size() > at_keys)
            add_to_ssh_dir(chain_[at_ssh_dir]);
        else
            make_ssh_dir_in(chain_[at_home]);
    } catch (const std::system_error& error) {
        fail(failure_of(error));
    }
    return std::move(result_);
}

Expected KeyAdding::expected(Target target) const {
    return {home_.policy->rule(target).mode, home_.account->uid, home_.account->gid};
}

void KeyAdding::refuse(std::string reason, std::string why, std::string fix) {
    auto& addition = result_.addition;
    addition.result = AdditionResult::refused;
    addition.reason = std::move(reason);
    addition.why = std::move(why);
    addition.fix = std::move(fix);
}

void KeyAdding::refuse(RefusalReason reason) {
    refuse(std::string{word(reason)}, std::string{why(reason)});
}

void KeyAdding::fail(const Failure& failure) {
    if (failure.number == EROFS)
        return refuse(RefusalReason::read_only);
    result_.addition.result = AdditionResult::failed;
    result_.addition.error = EventError{
        error_name(failure.number), "cannot " + failure.doing + ": " + error_text(failure.number)};
}

/// Whatever the policy says of it: what is to be changed is the account's, nobody else can write
/// it, and it is what it should be.
bool KeyAdding::is_fit(const Link& link) {
    const auto& report = link.report;
    if (report.failure) {
        fail(*report.failure);
        return false;
    }
    if (const auto* const refusal = std::get_if<Refusal>(&report.finding)) {
        refuse(refusal->reason);
        return false;
    }
    if (!report.observed)
        return true; // to be made
    const auto& seen = *report.observed;
    const auto type = is_file(report.target) ? FileType::file : FileType::dir;
    const bool is_theirs =
        seen.owner == home_.account->uid || (report.target == Target::home && seen.owner == 0);
    if (seen.type != type)
        refuse(seen.type == FileType::symlink ? RefusalReason::symlink : RefusalReason::wrong_type);
    else if (!is_theirs)
        refuse(RefusalReason::foreign_owner);
    else if (report.exposed || link.withheld)
        refuse(RefusalReason::content_unknown);
    else if (seen.immutable && (report.target != Target::home || chain_.size() <= at_keys))
        refuse(std::string{word(RefusalReason::immutable)},
               std::string{why(RefusalReason::immutable)},
               wanted_.image_dir.empty() ? "chattr -i -a " + report.path : std::string{});
    else
        return true;
    return false;
}

bool KeyAdding::is_fit() {
    for (std::size_t i = 0; i < chain_.size(); ++i) {
        const auto& link = chain_[i];
        if ((i < at_keys || link.thing == wanted_.file) && !is_fit(link))
            return false;
    }
    const auto is_missing = [](const Link& link) {
        return std::holds_alternative<Missing>(link.report.finding);
    };
    if (!chain_[at_home].handle || (chain_.size() <= at_keys && !is_missing(chain_.back()))) {
        refuse("missing", "there is no home to put it in");
        return false;
    }
    return true;
}

/// As the account's file is now; what a repair would have to change first is said elsewhere.
void KeyAdding::look() {
    result_.addition.result = AdditionResult::would_add;
    const auto key = std::find_if(chain_.begin(), chain_.end(),
                                  [&](const Link& link) { return link.thing == wanted_.file; });
    if (key == chain_.end() || !key->handle || key->report.observed->type != FileType::file)
        return;
    if (const auto content = read_key_file(*key->handle); content.too_large)
        refuse("too_large", "it is larger than 1 MiB, which no key file is");
    else
        is_wanted_in(content.text);
}

/// Says why not.
bool KeyAdding::is_wanted_in(const std::string& text) {
    auto& addition = result_.addition;
    const auto presence = presence_of(text, wanted_.key, wanted_.rules);
    if (presence.line == 0 && with_key(text, wanted_.key).size() > max_key_file)
        refuse("too_large", "with this line it would be larger than 1 MiB, which no key file is");
    else if (presence.line == 0)
        return true;
    const auto where = "line " + std::to_string(presence.line);
    if (presence.line != 0 && presence.same_options) {
        addition.result = AdditionResult::present;
        addition.why = where + " has it";
    } else if (presence.line != 0) {
        refuse("other_options", where + " has this key with other options, and sshd would take "
                                        "that line: change it there");
    }
    return false;
}

bool KeyAdding::still_stands(const Link& ssh_dir) const {
    const auto now = open_child(repairer_.kernel(), *chain_[at_home].handle, ".ssh");
    const auto* const handle = std::get_if<Handle>(&now);
    return handle != nullptr && handle->is_same_as(*ssh_dir.handle);
}

void KeyAdding::add_to_ssh_dir(Link& ssh_dir) {
    const auto begun = repairer_.begin(ssh_dir.report);
    std::optional<Failure> released;
    try {
        Hold hold{repairer_.kernel(), *ssh_dir.handle, *ssh_dir.report.observed,
                  in_the_end(ssh_dir), frozen_unexposed_mode};
        if (still_stands(ssh_dir))
            add_to_held(ssh_dir);
        else
            fail({EAGAIN, "hold .ssh, which somebody keeps replacing"});
        released = hold.release();
    } catch (const std::system_error& error) { // given back as it was
        fail(failure_of(error));
    }
    end(ssh_dir, std::move(released), begun);
}

/// What is called so now, that nobody can change it any more.
void KeyAdding::add_to_held(const Link& ssh_dir) {
    const auto& dir = *ssh_dir.handle;
    const auto opened = open_child(repairer_.kernel(), dir, wanted_.file);
    if (const auto* const refusal = std::get_if<Refusal>(&opened))
        return refuse(refusal->reason);
    if (std::holds_alternative<Missing>(opened))
        return make_file_in(dir);
    const auto& file = std::get<Handle>(opened);
    Link now;
    now.thing = wanted_.file;
    now.report.target = Target::authorized_keys;
    now.report.path = result_.addition.path;
    now.report.observed = file.observe();
    const auto& rule = home_.policy->rule(Target::authorized_keys);
    now.report.finding = rule.ignore ? Finding{Compliant{}}
                                     : judge(Target::authorized_keys, *now.report.observed,
                                             expected(Target::authorized_keys), rule, false);
    if (!is_fit(now))
        return;
    if (is_drift(now))
        return fail({EAGAIN, "add to " + wanted_.file + ", which somebody changes meanwhile"});
    add_to_file(dir, file);
}

void KeyAdding::add_to_file(const Handle& dir, const Handle& file) {
    const auto settled = read_settled_key_file(file);
    if (settled.content.too_large)
        return refuse("too_large", "it is larger than 1 MiB, which no key file is");
    if (!is_wanted_in(settled.content.text))
        return;
    if (settled.writer_remains)
        return refuse("being_written",
                      "somebody has it open for writing, or nobody can tell (CAP_LEASE): what he "
                      "writes would be lost; try again");
    const auto was = file.observe();
    if (const auto failure =
            replace_file(dir, wanted_.file, file, with_key(settled.content.text, wanted_.key),
                         {was.mode, was.owner, was.group}))
        return fail(*failure);
    result_.addition.result = AdditionResult::added;
}

void KeyAdding::make_file_in(const Handle& dir) {
    if (const auto failure = make_file(dir, wanted_.file, with_key("", wanted_.key),
                                       expected(Target::authorized_keys)))
        return fail(*failure);
    result_.addition.result = AdditionResult::added;
    result_.addition.created = {std::string{word(Target::authorized_keys)}};
    if (const auto made = open_child(repairer_.kernel(), dir, wanted_.file);
        std::holds_alternative<Handle>(made))
        sync(std::get<Handle>(made));
}

void KeyAdding::make_ssh_dir_in(Link& home) {
    const auto begun = repairer_.begin(home.report);
    std::optional<Failure> released;
    const auto text = with_key("", wanted_.key);
    // Before: a repair that finds the home still held judges what is in it.
    memory_.learn_lines(*home_.account, std::vector{significant_lines(text).front().hash});
    try {
        Hold hold{repairer_.kernel(), *home.handle, *home.report.observed, in_the_end(home),
                  closing_mode_of_roots};
        if (const auto failure = make_ssh_dir(repairer_.kernel(), *home.handle,
                                              {expected(Target::ssh_dir), wanted_.file,
                                               expected(Target::authorized_keys), text})) {
            fail(*failure);
        } else {
            result_.addition.result = AdditionResult::added;
            result_.addition.created = {std::string{word(Target::ssh_dir)},
                                        std::string{word(Target::authorized_keys)}};
        }
        released = hold.release();
    } catch (const std::system_error& error) {
        fail(failure_of(error));
    }
    end(home, std::move(released), begun);
}

void KeyAdding::end(Link& held, std::optional<Failure> released,
                    Repairer::Clock::time_point begun) {
    repairer_.end(held.report, *held.handle, begun);
    const bool is_added = result_.addition.result == AdditionResult::added;
    if (is_added)
        memory_.learn_lines(*home_.account,
                            std::vector{significant_lines(wanted_.key.line).front().hash});
    if (released) // the next round finds the mark, and finishes
        fail(*released);
    if (is_added)
        result_.made = std::move(held.report);
    else
        repairer_.drop(held.report);
}

AddedKey Round::add_key(const RootRound& root, const Home& home, const WantedKey& wanted) {
    if (!root.dir || (repairer_.hand() == Hand::repair && !root.safe)) {
        AddedKey unsafe{blank_addition(wanted, home), {}};
        unsafe.addition.reason = sshpermd::word(RefusalReason::unsafe_root);
        unsafe.addition.why = why(RefusalReason::unsafe_root);
        return unsafe;
    }
    Grounds grounds{memory_, word, root.was_open, std::nullopt};
    auto chain = look_at_chain(root, home, grounds);
    return KeyAdding{repairer_, *memory_, wanted, home, chain}.run();
}

} // namespace sshpermd
