// Every world that deeds and steps can lead to, and whether each comes right once the deeds stop.
#pragma once

#include "algorithm.hpp"

#include <cstddef>
#include <string>

namespace model {

struct Verdict {
    std::size_t worlds = 0;
    bool comes_right = true;
    std::string story; ///< a way of the fewest deeds to a world that stays wrong, a line a step
};

/// From a daemon that has just started, with every order of steps and up to `most_deeds` deeds,
/// the fewest deeds first, until something stays wrong.
Verdict explore(const Algorithm& algorithm, int most_deeds);

} // namespace model
