// The kernel's limit of inotify watches, and the name of the setting that raises it.
#pragma once

#include <cstddef>
#include <string>

namespace sshpermd {

struct WatchLimit {
    std::string name; ///< as sysctl(8) takes it
    std::size_t most;
};

/// fs.inotify.max_user_watches, or user.max_inotify_watches where this user namespace has less.
/// All there can be when neither can be read.
WatchLimit read_watch_limit();

} // namespace sshpermd
