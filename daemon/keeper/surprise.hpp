// Surprise: a drift that a rescan finds although it should have been announced by an event.
#pragma once

#include "keeper/keeper.hpp"

#include <set>
#include <string>

namespace sshpermd {

/// Of one account's round. Nothing surprises of an account that is not watched, that was heard of,
/// or that is to be looked at again anyway; nor at a target that was known to be wrong.
class Keeper::Surprise {
  public:
    /// The round begins.
    Surprise(Keeper& keeper, Inhabitant& inhabitant);

    /// Before a drift is repaired, or once it is found that it is not: counts it if need be.
    void consider(const Report& report);

  private:
    Keeper& keeper_;
    Inhabitant& inhabitant_;
    bool is_possible_;
    bool has_listened_ = false;
    std::set<std::string> seen_;
};

} // namespace sshpermd
