// Image sshd: what this machine's sshd makes of the configuration in an image, whose own never
// runs.
#pragma once

#include "system/sshd_config_files.hpp"
#include "system/sysroot.hpp"

#include <optional>
#include <string>

namespace sshpermd {

/// What it answered, or why it did not. Nothing of what sshd itself said is in `silence`: it may
/// quote what is in a file.
struct ImageSshdAnswer {
    std::optional<std::string> settings; ///< as `sshd -T` prints them
    std::string silence;                 ///< a sentence without its end
};

/// Asks with copies of the image's configuration and account files, and with a host key that is
/// thrown away, where nothing else of either machine is seen (system/file_trial.hpp hear_apart()).
/// The root directory of the image outlives this.
class ImageSshd {
  public:
    explicit ImageSshd(const Sysroot& root);

    const SshdConfigFiles& files() const { return files_; }

    /// For a user that can_be_asked(), who comes from this address.
    ImageSshdAnswer settings_for(const std::string& user, const std::string& address) const;

  private:
    std::map<std::string, std::string> laid_files() const;

    Sysroot root_;
    SshdConfigFiles files_;
    std::string program_; ///< of this machine
};

} // namespace sshpermd
