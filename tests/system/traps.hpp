// Traps: what a user can put in the place of a target to have a root process harm others.
#pragma once

#include "accounts.hpp"
#include "targets.hpp"

#include <functional>
#include <string>
#include <vector>

namespace system_tests {

/// The one whose targets are tampered with, and those who must not suffer from it.
struct People {
    Account mallory, neighbour;
};

struct Trap {
    std::string name;
    Target target;
    std::vector<std::string> reasons; // one of them is given
    std::function<void(const People&)> set;
};

/// mallory and neighbour, and files of root's that the traps lead to.
People make_people(Accounts& accounts);

const std::vector<Trap>& traps();

} // namespace system_tests
