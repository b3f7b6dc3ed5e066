// Home roots: resolving the administrator's path, the only path that is ever resolved.
#pragma once

#include "system/handle.hpp"

#include <string>
#include <variant>

namespace sshpermd {

/// Walks to a home root. Every component above it is a directory of root that nobody else may
/// write, symbolic links only root's own; else unsafe_root. The root itself is not judged here.
/// A root or a way to it on a network or FUSE file system is other_file_system.
/// Missing when a component is not there. Throws std::system_error.
Opened open_home_root(Machine& machine, const std::string& path);

/// A directory and the name in it that leads on to a path that may not exist yet.
struct Ancestor {
    Handle dir;
    std::string next;
};

/// The nearest existing directory above a home root, where its appearance can be watched.
Ancestor nearest_ancestor(Machine& machine, const std::string& path);

/// May things below a directory like this be changed: root's, and nobody else may write it?
bool is_safe_above(const Observed& dir);

} // namespace sshpermd
