// Root files: files of the system's own, held by their absolute path without following a link.
#pragma once

#include "system/handle.hpp"

#include <optional>
#include <string>

namespace sshpermd {

struct RootFile {
    Handle dir; ///< that the name is in
    std::string name;
    Opened found;
    bool only_roots = true; ///< nobody else can make or change a name on the way, `dir` included
};

/// From the root directory on, one name at a time; mounts are crossed. Nothing when a directory on
/// the way is not there or is a link. Throws std::system_error. Pre: the path is absolute and has a
/// name at its end.
std::optional<RootFile> hold_root_file(const Kernel& kernel, const std::string& path);

} // namespace sshpermd
