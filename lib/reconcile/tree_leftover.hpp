// Tree leftover: what a walk over a home that was killed has left held, and a home that was made
// and not told of.
#pragma once

#include "event/event.hpp"
#include "policy/account.hpp"
#include "record/tree_page.hpp"
#include "system/machine.hpp"

#include <functional>

namespace sshpermd {

/// Gives back the directory that the walk held, exactly as it was. False when there was none, or it
/// is not to be found where it was: then the next walk over that home comes across its mark. Throws
/// std::system_error.
bool give_back(Machine& machine, const TreeLeftover& leftover);

/// May there be something to settle? Asks nobody.
bool has_leftover_walk();

/// What a walk, or one who made a home, left behind when killed: gives back what was held, tells of
/// what was changed or made, and forgets it. Does nothing while another one is under way. Throws
/// std::system_error.
void settle_leftover_walk(Machine& machine, const Accounts& accounts,
                          const std::function<void(const Event&)>& record);

} // namespace sshpermd
