// Wakeup: how one thread wakes another, with a limit to the waiting.
#pragma once

#include "io/unique_fd.hpp"

#include <chrono>
#include <optional>

namespace sshpermd {

/// An eventfd. What was signalled before the wait counts, however often, once.
class Wakeup {
  public:
    /// Throws std::system_error.
    Wakeup();

    void signal() const;

    /// False when it was not signalled in time. Without a limit it waits for ever.
    bool wait(std::optional<std::chrono::milliseconds> at_most = std::nullopt) const;

  private:
    UniqueFd fd_;
};

} // namespace sshpermd
