// Exposure: could somebody else have written what sshd would trust once the modes are right?
#pragma once

#include "finding/observed.hpp"
#include "policy/account.hpp"

#include <cstddef>
#include <optional>
#include <span>

namespace sshpermd {

/// Follows a chain from the home root inwards. A link is exposed when a uid other than the account
/// and root can write it; everything below an exposed directory is exposed, too, because it can be
/// replaced. That the way to it is closed excuses nothing: whoever opened it while the way was open
/// still holds it, and needs no way.
class Exposure {
  public:
    /// `account` is null while the home root, which is nobody's, is stepped into. Both outlive
    /// this.
    Exposure(const Account* account, const Accounts& accounts)
        : account_(account), accounts_(&accounts) {}

    /// Can somebody besides the account and root write it, as it is?
    bool others_may_write(const Observed& link) const;

    /// Goes on to the next link; true when that link is exposed.
    bool step(const Observed& link);

    /// Goes on to a link that the administrator wants as it is, whoever can write it.
    void pass() { exposed_here_ = false; }

    /// What was stepped to last is the very object that was there before anybody could have
    /// replaced it: what is above it no longer counts. Says whether it is exposed by itself.
    bool is_no_replacement() { return exposed_ = exposed_here_; }

    /// A uid that nobody has any more can do nothing.
    void disregard(uid_t nobodys) { nobodys_ = nobodys; }

    /// The same chain, for one account below it.
    Exposure for_account(const Account& account) const;

  private:
    const Account* account_;
    const Accounts* accounts_;
    bool exposed_ = false;
    bool exposed_here_ = false; ///< by the last link itself
    std::optional<uid_t> nobodys_;
};

/// Does any judgement of this link, seen by `account` (none for a home root), depend on its ACL?
/// Reading it goes through /proc and costs as much as seven other looks.
bool acl_matters(const Observed& link, const Account* account);

/// Does a named entry of a system.posix_acl_access attribute (posix_acl_xattr.h) grant writing,
/// its mask considered? What cannot be parsed counts as granting.
bool acl_grants_write(std::span<const std::byte> attribute);

} // namespace sshpermd
