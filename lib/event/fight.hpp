// Fight: what there is to say when somebody keeps undoing the same repair.
#pragma once

#include "event/event.hpp"
#include "policy/config.hpp"

#include <cstddef>

namespace sshpermd {

/// fight.noticed. `repair` is the event of the repair that was made again, `report` what it tells
/// of, `times` how often it was made in a day. Names both states, and the override that keeps the
/// one that was found; or says that there is none, because sshd would refuse it.
/// Pre: the report is of a repair, and says what was found and what was made of it.
Event fight_of(const Report& report, const Event& repair, std::size_t times, const Config& config,
               const Accounts& accounts);

} // namespace sshpermd
