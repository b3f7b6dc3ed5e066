#include "reconcile/tree_leftover.hpp"

#include "event/tree_event.hpp"
#include "finding/gate.hpp"
#include "store/tree_notes.hpp"
#include "system/handle.hpp"
#include "system/home_root.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace sshpermd {
namespace {

std::optional<Handle> taken(Opened opened) {
    auto* const handle = std::get_if<Handle>(&opened);
    return handle != nullptr ? std::optional<Handle>{std::move(*handle)} : std::nullopt;
}

std::optional<Handle> find(Machine& machine, std::string_view home, std::string_view path) {
    const auto slash = home.rfind('/');
    auto dir =
        taken(open_home_root(machine, slash == 0 ? "/" : std::string{home.substr(0, slash)}));
    if (dir)
        dir = taken(open_home(machine, *dir, std::string{home.substr(slash + 1)}));
    while (dir && !path.empty()) {
        const auto name = path.substr(0, path.find('/'));
        path.remove_prefix(std::min(name.size() + 1, path.size()));
        dir = taken(open_child(machine.kernel, *dir, std::string{name}));
    }
    return dir;
}

bool is_there(Machine& machine, const TreeOwner& whose, const MadeDirectory& made) {
    const auto dir = find(machine, whose.home, made.target == Target::home ? "" : ".ssh");
    return dir && dir->observe().inode == made.inode;
}

} // namespace

bool give_back(Machine& machine, const TreeLeftover& leftover) {
    if (!leftover.held)
        return false;
    const auto& was = *leftover.held;
    const auto dir = find(machine, leftover.whose.home, was.path);
    if (!dir)
        return false;
    const auto now = dir->observe();
    // The mark comes first and goes last, so it is there whenever it was cut off.
    const bool is_it = now.type == FileType::dir && now.inode == was.inode &&
                       now.mode == frozen_mode && (now.owner == 0 || now.owner == was.owner);
    if (!is_it)
        return false;
    if (now.owner != was.owner && fchownat(dir->fd(), "", was.owner, was.group, AT_EMPTY_PATH) != 0)
        throw std::system_error(errno, std::generic_category(), "give a directory back");
    if (change_mode(machine.kernel, dir->fd(), was.mode) != 0)
        throw std::system_error(errno, std::generic_category(), "give a directory its mode back");
    return true;
}

bool has_leftover_walk() { return access(tree_path, F_OK) == 0; }

void settle_leftover_walk(Machine& machine, const Accounts& accounts,
                          const std::function<void(const Event&)>& record) {
    try {
        TreeNotes notes;
        const auto leftover = notes.leftover();
        if (!leftover)
            return;
        const bool is_given_back = give_back(machine, *leftover);
        const auto held = is_given_back ? leftover->whose.home + "/" + leftover->held->path : "";
        if (is_given_back || !leftover->changes.empty())
            for (const auto& event :
                 events_of_interrupted(leftover->whose, leftover->changes, held, accounts))
                record(event);
        if (const auto& made = leftover->made)
            record(event_of_interrupted(leftover->whose, made->target, made->expected,
                                        is_there(machine, leftover->whose, *made), accounts));
        notes.forget();
    } catch (const std::system_error& error) {
        if (error.code().value() != EWOULDBLOCK)
            throw;
    }
}

} // namespace sshpermd
