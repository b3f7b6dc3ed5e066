// The account database: users and groups from NSS.
#pragma once

#include "policy/account.hpp"
#include "policy/account_answer.hpp"
#include "policy/config.hpp"

#include <memory>
#include <string>
#include <vector>

namespace sshpermd {

/// Enumerates NSS, and asks by name for the directories below the home roots that the enumeration
/// does not list (directory services often do not enumerate). Blocks as long as NSS does: the
/// daemon has a child process do it. Throws std::system_error when the database cannot be read.
std::shared_ptr<const Accounts> read_accounts(const std::vector<std::string>& home_roots);

/// The same, with what the question asks besides: an account that is known and not listed is asked
/// for by name, and is gone only when NSS as a whole does not find it and each service of
/// nsswitch.conf that has ever answered says by itself that it does not exist. Blocks as NSS does.
/// For a process that does nothing else: other look-ups in it ask one service only from then on.
AccountAnswer answer_account_question(const AccountQuestion& question);

/// What /etc/passwd and /etc/group say; no service is asked. Throws std::system_error.
Accounts read_local_accounts();

/// Differs when another file says now what accounts there are, or which services know them.
std::string stamp_of_account_files();

/// UID_MIN of /etc/login.defs.
uid_t read_uid_min();

/// The gid of a group name of the configuration; throws ConfigError when there is no such group.
gid_t resolve_group(const Accounts& accounts, const std::string& name);

} // namespace sshpermd
