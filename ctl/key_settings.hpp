// What sshd is configured to do with the keys of an account.
#pragma once

#include "keys/key_list.hpp"
#include "keys/public_key.hpp"
#include "policy/account.hpp"
#include "system/inquirer.hpp"
#include "system/sshd_config_files.hpp"
#include "system/sshd_in_force.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sshpermd {

struct KeySettings {
    std::vector<std::string> files; ///< as paths
    unsigned required_rsa_bits = KeyRules{}.required_rsa_bits;
    bool takes_keys = true; ///< PubkeyAuthentication
    std::string algorithms; ///< PubkeyAcceptedAlgorithms, with commas; empty when not known
    bool by_sshd = false;   ///< else it did not answer, and these are its defaults

    /// Is there an algorithm to sign with this key that sshd takes?
    bool accept(const PublicKey& key) const;
};

/// Asks the sshd that runs, with what it was started with: once for everybody, or, where its
/// configuration has a Match, for each.
class Sshd {
  public:
    KeySettings settings_for(const Account& account);

  private:
    std::optional<std::string> answer_for(const Account& account);

    SshdInForce sshd_ = find_sshd_in_force();
    SshdConfigFiles reading_ = read_sshd_config_files({sshd_.config}, {sshd_.program});
    Inquirer inquirer_;
    std::map<std::string, std::optional<std::string>> answers_;
};

} // namespace sshpermd
