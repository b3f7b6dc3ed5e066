// Revoked: is a key in sshd's list of those that let nobody in any more?
#pragma once

#include "keys/public_key.hpp"
#include "system/inquirer.hpp"
#include "system/sysroot.hpp"

#include <optional>
#include <string>

namespace sshpermd {

/// `unreadable` refuses everybody (auth.c auth_key_is_revoked() of OpenSSH).
enum class Revocation { none, revoked, unreadable, cannot_tell };

/// Looks in the file of RevokedKeys: a list of keys, or a KRL, which ssh-keygen reads.
class RevokedKeys {
  public:
    RevokedKeys(const Sysroot& root, std::string file);
    Revocation look_up(const PublicKey& key);

  private:
    std::optional<Inquirer::Said> ask_keygen(const PublicKey& key);

    Sysroot root_;
    std::string file_;
    std::string text_;
    bool is_readable_ = false;
    Inquirer inquirer_;
};

} // namespace sshpermd
