// Trusted files: configuration that only root can have written.
#pragma once

#include <optional>
#include <string>

namespace sshpermd {

/// Reads a file of at most 1 MiB that belongs to root and that nobody else may write, without
/// following a link in its last component. Nothing when it does not exist.
/// Throws ConfigError that names the file, what is wrong with it and the command that puts it
/// right; std::system_error when it cannot be read.
std::optional<std::string> read_trusted_file(const std::string& path);

} // namespace sshpermd
