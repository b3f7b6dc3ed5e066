// The bytes that read(2) gives on an inotify descriptor, as changes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace sshpermd {

/// One inotify event. The name refers into the buffer and has no padding.
struct Change {
    int wd = -1;
    std::uint32_t mask = 0; ///< IN_* of inotify(7)
    std::string_view name;  ///< of the child; empty for the watched directory itself
};

/// Walks through every event of one read(2). A tail that is no whole event ends the walk: the
/// kernel never delivers one.
class InotifyBuffer {
  public:
    explicit InotifyBuffer(std::span<const std::byte> bytes) : rest_(bytes) {}

    /// False at the end; `change` is untouched then.
    bool next(Change& change);

  private:
    std::span<const std::byte> rest_;
};

} // namespace sshpermd
