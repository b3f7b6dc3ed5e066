// Tree events: what a walk over a home handed over, in as few lines as it takes; and that a home
// was made.
#pragma once

#include "event/event.hpp"
#include "policy/account.hpp"
#include "policy/target.hpp"
#include "repair/tree_change.hpp"

#include <span>
#include <string>
#include <vector>

namespace sshpermd {

/// One tree.repaired, or more where one line has no room for all inodes. None without a change.
std::vector<Event> events_of(const TreeOwner& whose, std::span<const TreeChange> changes,
                             const Accounts& accounts);

/// The same for a walk that was killed; `held` is the path of the directory that it held and that
/// was given back, or empty. One event at least. The last of the changes may not have been made.
std::vector<Event> events_of_interrupted(const TreeOwner& whose,
                                         std::span<const TreeChange> changes,
                                         const std::string& held, const Accounts& accounts);

/// A home.created: a home or an empty `.ssh` was made.
Event event_of_made(const TreeOwner& whose, Target target, const Expected& expected,
                    const Accounts& accounts);

/// The same of one who was killed before it told: it is in its place, or nobody finds it there.
Event event_of_interrupted(const TreeOwner& whose, Target target, const Expected& expected,
                           bool is_there, const Accounts& accounts);

} // namespace sshpermd
