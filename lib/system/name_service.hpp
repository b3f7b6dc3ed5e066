// Name services: what the C library's look-ups (NSS) answer, and what only each service alone can.
#pragma once

#include "policy/account.hpp"
#include "system/look_up.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sshpermd {

/// All of these block as long as NSS does.
Found find_account(const std::string& name, std::optional<Account>& account);
Found find_group(const std::string& name, std::optional<Group>& group);
Found find_uid(uid_t uid);

/// From now on this process, which has one thread and asks nothing else, has look-ups in
/// `database` ("passwd", "group") answered by one service alone (nss.h of glibc).
void ask_only(const std::string& database, const std::string& service);

/// Those that /etc/nsswitch.conf names.
std::vector<std::string> services_of_this_machine(const std::string& database);

/// As getpwent(3) and getgrent(3) enumerate them; listed by two services, an account is one. Throw
/// std::system_error when that fails in the middle.
std::vector<Account> list_accounts();
std::vector<Group> list_groups();

} // namespace sshpermd
