// Inquirer: programs that are asked something, and may not answer.
#pragma once

#include "system/child_process.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace sshpermd {

/// Runs one program at a time and reads what it says. Not for use by two threads.
class Inquirer {
  public:
    struct Limits {
        std::chrono::milliseconds deadline{2000};
        std::size_t bytes = 256U << 10U;
    };

    /// What the program writes to standard output when it exits with 0; nothing when it cannot be
    /// started, fails, or goes beyond a limit. The path is run as it stands, without a shell, with
    /// an empty input, in an environment of its own, in a process group of its own that is killed
    /// at the deadline.
    std::optional<std::string> ask(const std::vector<std::string>& argv, const Limits& limits);

  private:
    /// Was killed and did not go: the kernel holds it (a dead NFS server). Nothing else is asked
    /// before it has gone.
    std::optional<ChildProcess> left_behind_;
};

} // namespace sshpermd
