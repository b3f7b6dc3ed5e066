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

    struct Said {
        int status = 0;   ///< what it exited with
        std::string text; ///< what it wrote to standard output and standard error
    };

    /// The same for a program whose errors or exit status are of interest, too; it reads `input`
    /// (nothing, for -1). Nothing when it cannot be started, is killed by a signal, or goes beyond
    /// a limit.
    std::optional<Said> hear(const std::vector<std::string>& argv, const Limits& limits,
                             int input = -1,
                             ChildProcess::Errors errors = ChildProcess::Errors::with_output);

  private:
    std::optional<Said> run(const std::vector<std::string>& argv, const Limits& limits, int input,
                            ChildProcess::Errors errors);

    /// Was killed and did not go: the kernel holds it (a dead NFS server). Nothing else is asked
    /// before it has gone.
    std::optional<ChildProcess> left_behind_;
};

} // namespace sshpermd
