// Wanted key: what add-key was given, and the file where sshd would look for it; or why not.
#pragma once

#include "event/addition.hpp"
#include "options.hpp"
#include "policy/account.hpp"
#include "policy/config.hpp"
#include "reconcile/key_adding.hpp"
#include "system/sysroot.hpp"

#include <string>
#include <variant>

namespace sshpermd {

/// The bytes of the file, of standard input, or of the launch key. With the rights of whoever
/// asks. Throws std::system_error, NoLaunchKey.
std::string read_wanted_key(const Options& options);

/// Asks sshd what it reads and accepts; where it cannot be asked about an image, that is a failure.
/// The refusal has no path where none was found.
std::variant<WantedKey, Addition> wanted_key(const std::string& text, const Account& account,
                                             const Config& config, const Sysroot& root);

} // namespace sshpermd
