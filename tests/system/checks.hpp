// Checks that wait: the daemon answers an event soon, but not at once. And sshpermctl, whose words
// a failing test shows.
#pragma once

#include "accounts.hpp"
#include "daemon.hpp"
#include "process.hpp"

#include <string>
#include <vector>

namespace system_tests {

/// sshpermctl with these arguments, to its end.
Ended ctl(Arguments arguments, Identity as = {});

/// The documents of a text with one on each line; a last line that is not whole yet is left out.
std::vector<Json> lines_of(const std::string& text);

/// Whatever exists of the account's targets becomes right; else the test fails and shows why.
void check_becomes_right(Daemon& daemon, const Account& account);

/// All of them exist, and become right.
void check_becomes_whole(Daemon& daemon, const Account& account);

/// After this the daemon has answered everything that happened before, and written it: it
/// repaired later drifts of the bystander's, which differ from all others, and said so. For tests
/// of what must not happen.
void wait_for_a_round(Daemon& daemon, const Account& bystander);

} // namespace system_tests
