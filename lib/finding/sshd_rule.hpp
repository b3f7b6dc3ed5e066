// sshd's rule: would sshd itself turn the account away because of this link of the chain?
#pragma once

#include "finding/observed.hpp"
#include "policy/account.hpp"
#include "policy/target.hpp"

#include <optional>

namespace sshpermd {

/// True when upstream sshd with StrictModes would refuse the keys, or could not read them, because
/// of this link (misc.c safe_path() and auth2-pubkeyfile.c auth_openfile() of OpenSSH: owner root
/// or the account, no write bit for group and others, opened with the account's own rights). The
/// distributions' private-group patch is milder; this is the strictest rule, which all satisfy.
/// Nothing when it cannot be told: an ACL or a link decides. `account` is null for a home root,
/// which must be searchable for everybody.
std::optional<bool> blocks_login(Target target, const Observed& observed, const Account* account,
                                 const Accounts& accounts);

} // namespace sshpermd
