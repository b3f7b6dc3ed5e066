// The attacks that swap what a name means, so that root's repairer acts on something else.
#pragma once

#include "adversary/attacker.hpp"

#include <string>
#include <vector>

namespace system_tests::adversary {

enum class HardLinks { protected_by_kernel, unprotected };

/// What root does meanwhile, which the attacker waits for.
enum class Mistake { none, home_root_open };

/// One thing that an ordinary user does in an own home, its working directory, again and again.
/// The victims are where Victims puts them.
struct Attack {
    std::string name;
    HardLinks hard_links;
    Mistake mistake;
    bool beats_naive; ///< the control must lose to it
    bool is_hard;     ///< made for a repairer that holds and gives away: in the short runs too
    void (*act)(unsigned& seed);
};

const std::vector<Attack>& attacks();

/// For Busy: the attack, with a random sequence of its own.
Busy::Act run(const Attack& attack);

} // namespace system_tests::adversary
