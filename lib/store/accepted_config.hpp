// The configuration that was in force last, for a start at which the new one cannot be used.
#pragma once

#include "policy/config.hpp"
#include "store/state_dir.hpp"

#include <optional>
#include <string>

namespace sshpermd {

/// Keeps a configuration that a start or a reload took into force, in the state directory.
/// `named` is the --config it came from, or nothing for the layers: each is a fallback for itself
/// only, so that a trial with another file never decides about the service. Writes, and then waits
/// for the disk, only when it is another than the one kept. Throws std::system_error.
void keep_accepted(const Config& config, const std::optional<std::string>& named,
                   const std::string& state_dir = state_path);

/// The one kept last; nothing when there is none, or none that can be believed and used.
std::optional<Config> read_accepted(const std::optional<std::string>& named,
                                    const std::string& state_dir = state_path);

} // namespace sshpermd
