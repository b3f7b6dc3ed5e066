// The configuration file: where it is, and how it is trusted and read.
#pragma once

#include "policy/config.hpp"

#include <optional>
#include <string>

namespace sshpermd {

inline constexpr const char* default_config_path = "/etc/sshpermd/sshpermd.json";

/// Reads `named`, which must exist, or else the default file, whose absence means the built-in
/// defaults. Throws ConfigError; std::system_error when the file cannot be read.
Config load_config(const std::optional<std::string>& named);

} // namespace sshpermd
