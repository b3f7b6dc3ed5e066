// What sshd is configured to do with the keys of an account.
#pragma once

#include "explain/image_sshd.hpp"
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
    std::string silence;    ///< of an image: why it did not, a sentence without its end

    /// Is there an algorithm to sign with this key that sshd takes?
    bool accept(const PublicKey& key) const;
};

/// Asks the sshd that runs, with what it was started with, or this machine's about an image's
/// configuration: once for everybody, or, where that has a Match, for each.
class Sshd {
  public:
    explicit Sshd(const Sysroot& root);

    KeySettings settings_for(const Account& account);

  private:
    const ImageSshdAnswer& answer_for(const Account& account);
    ImageSshdAnswer ask_about(const std::string& user);

    std::optional<ImageSshd> image_;
    SshdInForce sshd_; ///< of this machine, if it is about that
    SshdConfigFiles reading_;
    Inquirer inquirer_;
    std::map<std::string, ImageSshdAnswer> answers_;
};

} // namespace sshpermd
