// Takeover: what belongs to root in an account's chain, and may be given to the account.
#pragma once

#include "reconcile/chain.hpp"
#include "system/machine.hpp"

namespace sshpermd {

/// Turns the refusals of a chain that rest on root's ownership alone into drifts where the gates
/// let them pass, and cuts the chain behind what stays refused. Changes nothing on disk.
///
/// * A home: while a login is blocked, the home root was not exposed, and sshd does not
///   confine the account to it, or to a part of it.
/// * A `.ssh`: while a login is blocked, and when it holds nothing but ssh's own files.
/// * A key file: when it has one link, no privileges, and nothing in it but keys and comments.
///
/// Nothing that somebody else could have written is taken over: that would bless what is in it.
/// Throws std::system_error.
void admit_what_is_roots(Machine& machine, Chain& chain, bool root_exposed);

/// The same gate for one key file. Pre: the link was looked at. Throws std::system_error.
void admit_key_of_root(Link& key);

/// Must names in this chain's `.ssh` be kept from changing while it is repaired?
bool needs_hold(const Chain& chain);

} // namespace sshpermd
