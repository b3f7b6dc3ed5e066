// The account database: users and groups from NSS.
#pragma once

#include "policy/account.hpp"
#include "policy/config.hpp"

#include <memory>
#include <string>
#include <vector>

namespace sshpermd {

/// Enumerates NSS, and asks by name for the directories below the home roots that the enumeration
/// does not list (directory services often do not enumerate). Blocks as long as NSS does.
/// Throws std::system_error when the database cannot be read: then the accounts known so far
/// must stay in force.
std::shared_ptr<const Accounts> read_accounts(const std::vector<std::string>& home_roots);

/// UID_MIN of /etc/login.defs.
uid_t read_uid_min();

/// The gid of a group name of the configuration; throws ConfigError when there is no such group.
gid_t resolve_group(const Accounts& accounts, const std::string& name);

} // namespace sshpermd
