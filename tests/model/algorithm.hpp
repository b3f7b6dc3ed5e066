// The daemon's algorithm in the watch model, one system call a step, and the wrong ones beside it.
#pragma once

#include "world.hpp"

namespace model {

/// What an algorithm leaves out. The product's leaves out nothing.
struct Algorithm {
    bool looks_after_new_watches = true; ///< else: repairs, watches, and is done
    bool watches_home = true;            ///< else: .ssh alone, "one watch a user"
    bool heeds_overflow = true;
    bool watches_again = true;    ///< else: once a directory is watched, no more
    bool marks_unfinished = true; ///< after the last look that a round may take
    bool polls_unwatched = true;
    bool repairs_only_drift = true; ///< else: also what is right, as a rule without a check does
    bool watches_first = false;     ///< before it looks: dearer, and as right
};

/// What the daemon does next by itself, without anybody's deed; false when it waits for events.
bool step(World& world, const Algorithm& algorithm);

/// Of the step that would be next.
const char* name_of_step(const World& world);

} // namespace model
