#include "reconcile/undoing.hpp"

#include "event/text.hpp"
#include "reconcile/client_files.hpp"
#include "system/content.hpp"

#include <system_error>
#include <vector>

// The object of an undoing: found by its name and its identity, never by a path.

namespace sshpermd {

/// One of them, whatever it is called by now.
void Undoing::undo_client_file(const Home& home, const Link& ssh_dir) {
    const bool is_config = request_.target == Target::ssh_config;
    auto names = std::vector<std::string>{std::string{ssh_config_name}};
    if (!is_config)
        names = find_names(*ssh_dir.handle, most_private_keys, may_be_private_key);
    const auto& rule = home.policy->rule(request_.target);
    const Expected policy{rule.mode, home.account->uid, home.account->gid};
    for (const auto& name : names) {
        const auto opened = open_child(repairer_.kernel(), *ssh_dir.handle, name);
        const auto* const file = std::get_if<Handle>(&opened);
        if (file == nullptr || hex_of(file->identity()) != request_.handle)
            continue;
        if (file->observe().type == FileType::file)
            return undo({*file, rule, policy, name, home.path() + "/.ssh/" + name, false}, nullptr);
    }
    refuse("another_object", "what was repaired is not there any more");
}

/// Of several key files the one that it was, else the first, to say what became of it.
const Link* Undoing::find_in(const Chain& chain) const {
    const Link* found = nullptr;
    for (const auto& link : chain) {
        if (link.report.target != request_.target)
            continue;
        if (link.handle && hex_of(link.handle->identity()) == request_.handle)
            return &link;
        if (found == nullptr)
            found = &link;
    }
    return found;
}

void Undoing::refuse_absent(const Link* link) {
    if (link != nullptr && link->report.failure)
        fail(*link->report.failure);
    else if (link != nullptr && is_refused(*link))
        refuse(std::get<Refusal>(link->report.finding).reason);
    else
        refuse("missing", "it is not there any more");
}

MadeUndo Undoing::run(const Home& home, const Chain& chain) {
    account_ = home.account.get();
    const auto* const ssh_dir =
        chain.size() > at_ssh_dir && chain[at_ssh_dir].handle && chain[at_ssh_dir].is_dir
            ? &chain[at_ssh_dir]
            : nullptr;
    if (is_client_side(request_.target) && ssh_dir != nullptr) {
        try {
            undo_client_file(home, *ssh_dir);
        } catch (const std::system_error& error) {
            fail(error);
        }
        return take();
    }
    const auto* const found = find_in(chain);
    if (found == nullptr || !found->handle) {
        refuse_absent(found);
        return take();
    }
    const auto& rule = home.policy->rule(request_.target);
    undo({*found->handle,
          rule,
          {rule.mode, home.account->uid, home.account->gid},
          found->thing,
          found->report.path,
          found->withheld},
         is_file(request_.target) ? ssh_dir : nullptr);
    return take();
}

MadeUndo Undoing::run(const RootRound& root, const Rule& rule, gid_t group) {
    if (root.report.failure)
        fail(*root.report.failure);
    else if (!root.dir)
        refuse("missing", "it is not there any more");
    else
        undo({*root.dir, rule, {rule.mode, 0, group}, {}, root.report.path, false}, nullptr);
    return take();
}

MadeUndo Round::undo(const RootRound& root, const Home* home, const UndoRequest& request) {
    Undoing undoing{repairer_, accounts_, request};
    if (home == nullptr)
        return undoing.run(root, config_.home_root, root_group_);
    if (!root.dir || !root.safe) {
        undoing.refuse(std::string{sshpermd::word(RefusalReason::unsafe_root)},
                       std::string{why(RefusalReason::unsafe_root)});
        return undoing.take();
    }
    Grounds grounds{memory_, word, root.was_open, std::nullopt};
    auto chain = look_at_chain(root, *home, grounds);
    return undoing.run(*home, chain);
}

} // namespace sshpermd
