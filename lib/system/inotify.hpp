// Inotify: the one descriptor that all watches hang on.
#pragma once

#include "io/unique_fd.hpp"
#include "system/handle.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sshpermd {

/// Sets watches in the thread that makes it, which then has a working directory of its own: while
/// this lives, that is the directory watched last, and keeps its file system from being unmounted.
class WatchSetter {
  public:
    /// The inotify descriptor outlives this.
    explicit WatchSetter(int inotify);
    ~WatchSetter();

    WatchSetter(const WatchSetter&) = delete;
    WatchSetter& operator=(const WatchSetter&) = delete;

    /// As Inotify::watch().
    int watch(const Handle& dir, std::uint32_t mask) const;

  private:
    int inotify_;
    bool has_own_directory_; ///< false where a thread cannot have one
};

class Inotify {
  public:
    /// Throws std::system_error: EMFILE when fs.inotify.max_user_instances is used up.
    Inotify();

    int fd() const { return fd_.get(); }

    /// Watches the held directory itself, not whatever a path leads to by now. The same directory
    /// always gives the same number while its watch lives; masks add up.
    /// Throws std::system_error: ENOSPC when fs.inotify.max_user_watches is used up.
    int watch(const Handle& dir, std::uint32_t mask);

    void unwatch(int wd);

    /// Everything that is ready now, at most one buffer of it; empty when nothing is.
    std::span<const std::byte> read();

    /// Was the last read cut off by the end of the buffer, so that more may wait?
    bool may_have_more() const { return more_; }

  private:
    UniqueFd fd_;
    std::vector<std::byte> buffer_;
    bool more_ = false;
};

} // namespace sshpermd
