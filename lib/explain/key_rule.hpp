// Key rule: would sshd take this key of a file that it reads?
#pragma once

#include "explain/login_case.hpp"
#include "explain/revoked.hpp"
#include "keys/key_list.hpp"

#include <optional>
#include <string>

namespace sshpermd {

/// Why a key does not, or may not, let anybody in.
struct KeyFlaw {
    bool is_certain = true;
    std::string summary;
    std::string cause;
    std::string fix;
};

/// Judges the keys of one user. Pre of all: sshd answered.
class KeyRule {
  public:
    explicit KeyRule(const LoginCase& login);

    /// Is it the key that was asked about? Any is, when none was named.
    bool is_meant(const ListedKey& listed) const;

    /// What sshd asks of a key before it looks for it: its algorithm, then RevokedKeys.
    std::optional<KeyFlaw> algorithm_flaw(const PublicKey& key) const;
    std::optional<KeyFlaw> revocation_flaw(const PublicKey& key);

    /// All of it: the line, the key, the options before it, PermitRootLogin.
    std::optional<KeyFlaw> flaw_of(const ListedKey& listed);

  private:
    std::optional<KeyFlaw> option_flaw(const ListedKey& listed) const;

    const LoginCase& login_;
    std::optional<RevokedKeys> revoked_;
};

} // namespace sshpermd
