// Takeover: what is not the account's in its chain, and may be given to it.
#pragma once

#include "finding/gate.hpp"
#include "reconcile/chain.hpp"
#include "record/memory.hpp"
#include "record/trust.hpp"
#include "system/machine.hpp"

#include <optional>

namespace sshpermd {

/// On what grounds something may be given to its account.
struct Grounds {
    const Memory* memory = nullptr; ///< null: nothing is known
    const Word& word;
    bool root_was_open = false;   ///< others could have put the home there, now or earlier
    std::optional<uid_t> nobodys; ///< the home's owner, when nobody has that uid any more

    /// Was this very object found right before?
    bool knows(const Link& link) const;
};

/// Turns the refusals of a chain that rest on an owner alone into drifts where the grounds and the
/// gates let them pass, and cuts the chain behind what stays refused. Changes nothing on disk.
///
/// * A home: known; root's, while a login is blocked, the home root was never open, and sshd does
///   not want it so; or of a uid that nobody has any more.
/// * A `.ssh`: known; or root's (or that uid's), while a login is blocked, and when nothing but
///   ssh's own files is in it.
/// * A key file: root's, known, or that uid's; always only when it has one link, no privileges, and
///   nothing in it but keys and comments.
///
/// An operator's word stands for all but the gates. What root owns while its account can log in is
/// managed: left alone. Throws std::system_error.
void admit_what_is_not_the_accounts(Machine& machine, Chain& chain, const Grounds& grounds);

/// The same for one key file; what was read of it, if that was asked. Pre: the link was looked at.
/// Throws std::system_error.
std::optional<KeyFileContent> admit_key(Link& key, const Grounds& grounds);

/// May a `.ssh` of somebody else's be given to the account, as far as what is in it goes?
/// Throws std::system_error.
std::optional<RefusalReason> refuse_entries(const Kernel& kernel, const Link& ssh_dir,
                                            const Grounds& grounds);

} // namespace sshpermd
