// What the keeper knows of one home root and of one account between rounds. No descriptors: a held
// one would pin mounts and hide deletions.
#pragma once

#include "keeper/budget.hpp"
#include "keeper/keeper.hpp"
#include "keeper/noise.hpp"
#include "policy/rare.hpp"

#include <algorithm>

namespace sshpermd {

struct Keeper::HomeRoot {
    std::string path;
    int wd = -1;
    int above_wd = -1;
    bool marked = false;
    bool present = true; ///< as last told
    bool safe = false;
    std::optional<Clock::time_point> alarm; ///< the earliest that is set
    Patience next_try{0};                   ///< of what was denied
    Trigger trigger = Trigger::startup;
    Ledger ledger;
};

struct Keeper::Inhabitant {
    /// Objects that appeared a moment ago are left to their maker, who is about to set the mode.
    struct Settling {
        Target from; ///< this target and what is below it
        Clock::time_point since;
        Clock::time_point last;

        Clock::time_point until() const {
            return std::min(since + std::chrono::seconds{1}, last + std::chrono::milliseconds{250});
        }
    };

    // A hundred thousand of them: in the order in which they take the least room. What is behind
    // the home lies in the room that its alignment leaves.
    [[no_unique_address]] Home home;
    bool marked = false;
    bool heard = false;         ///< an event came since the last look was begun
    bool polled = false;        ///< not watched: it cannot be, or makes noise
    bool awaits_glance = false; ///< asked for after the last look
    Trigger trigger = Trigger::startup;
    WaitingList::Turn last_turn = 0; ///< in which it was looked at
    std::uint32_t id = 0;
    std::uint32_t root = 0;
    std::optional<Clock::time_point> alarm; ///< the earliest that is set
    Rare<Settling> settling;
    Ledger ledger;
    Hints hints; ///< of what was learned
    /// What the last look rested on, when it left nothing to do or to learn.
    Glimpse glimpse = no_glimpse;
    KeyWatch key_watch;
    Budget learning;                ///< reading keys to learn them
    Bucket<20, 50'000> vain_rounds; ///< full again after one that was not in vain
    Rare<Hush> hush;
    int home_wd = -1;
    int ssh_wd = -1;
    Patience next_try{0}; ///< of what was denied
};

/// A look at everybody that is under way.
struct Keeper::FullLook {
    Trigger trigger = Trigger::startup;
    std::uint32_t next = 0; ///< id
    std::size_t looked_at = 0;
    std::size_t looked_closely_at = 0;
    std::uint64_t found = 0;  ///< drifts
    std::uint64_t missed = 0; ///< of them, by the watch
    Clock::time_point started;
    bool is_close = false;               ///< for a reason that no glance sees
    std::unique_ptr<Lookout> lookout;    ///< none when each is looked at closely
    std::vector<Lookout::Sight> closely; ///< to be looked at so
};

/// Home roots opened for one slice of work, not longer.
struct Keeper::OpenRoots {
    std::map<std::uint32_t, RootRound> rounds;
    std::map<std::uint32_t, RootRound> checks; ///< as they are, nothing repaired
};

} // namespace sshpermd
