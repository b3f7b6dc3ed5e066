// Small files: those of /proc, /etc and their like, which are the machine's own.
#pragma once

#include <optional>
#include <string>

namespace sshpermd {

/// The text of a file; nothing when it cannot be read, is no regular file, or is larger than 1 MiB.
/// Not for a path that a user controls.
std::optional<std::string> read_small_file(const std::string& path);

} // namespace sshpermd
