// The targets of one account, and whether they are as the policy wants them.
#pragma once

#include "accounts.hpp"

#include <string>

namespace system_tests {

enum class Target { home, ssh_dir, authorized_keys };

std::filesystem::path path_of(Target target, const Account& account);
/// As the events and the command line name it.
const char* name_of(Target target);
mode_t mode_for(Target target);

/// Each target that exists has exactly the mode and owner that the policy wants.
bool is_right(const Account& account);
/// All of them exist, and are right.
bool is_whole(const Account& account);
/// What they are now, in one line, for a failing test to show.
std::string describe(const Account& account);

/// Makes every target wrong: 0777, 0777, 0666.
void open_up(const Account& account);

/// The same for others to read, not to write: nothing but these three changes has to be made for
/// it, and each is told of once.
void loosen(const Account& account);

/// What a careless repairer does: stat, chown and chmod by path, whatever that leads to.
/// The control beside each test of a refusal.
void repair_naively(const Account& account);

} // namespace system_tests
