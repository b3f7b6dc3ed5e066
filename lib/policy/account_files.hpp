// Account files: what the text of /etc/passwd and /etc/group says, without asking any service.
#pragma once

#include "policy/account.hpp"

#include <string_view>

namespace sshpermd {

/// Line by line as glibc's nss_files reads passwd(5) and group(5): of several lines with one name
/// the first counts, comments, lines of NIS ("+", "-") and those that are none are passed over.
/// Those that other services have are not in it, and it says so.
Accounts parse_account_files(std::string_view passwd, std::string_view group);

} // namespace sshpermd
