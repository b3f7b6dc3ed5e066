// Readiness: what a machine may lack that is not quite up, such as one in a rescue shell.
#pragma once

#include <optional>
#include <string>

namespace sshpermd {

/// What a command cannot do without.
enum class Need {
    proc,     ///< to look: mounts and processes are in /proc
    writable, ///< to change: that, and /run to note changes in, and a home root that can be written
};

/// Nothing when it is there; else what is missing and the command that brings it, in a sentence.
std::optional<std::string> what_is_missing(Need need);

} // namespace sshpermd
