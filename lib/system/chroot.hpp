// Chroots: homes that sshd wants to belong to root.
#pragma once

#include "policy/account.hpp"

namespace sshpermd {

/// Does sshd confine this account to a ChrootDirectory that its home is, or is part of? Such a home
/// must belong to root, and giving it away would end its sessions (session.c safely_chroot() of
/// OpenSSH). First the configuration files are searched for the word; only where it occurs the
/// effective setting is asked of `sshd -T -C`, with a deadline. True also when that cannot be told.
bool sshd_may_chroot(const Account& account);

} // namespace sshpermd
