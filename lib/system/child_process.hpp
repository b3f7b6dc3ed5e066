// ChildProcess: a program that is run and may have to be ended, with all that it starts.
#pragma once

#include "io/unique_fd.hpp"

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sshpermd {

/// In a process group of its own, in an environment of its own. Moving passes it on; whoever drops
/// it without having reaped it leaves it to itself.
class ChildProcess {
  public:
    enum class Errors { dropped, with_output };

    /// Runs argv[0] as it stands, without a shell. It reads `input` (nothing, for -1) and writes
    /// into a pipe. Nothing when it cannot be started.
    static std::optional<ChildProcess> start(const std::vector<std::string>& argv, int input = -1,
                                             Errors errors = Errors::dropped);

    ChildProcess(ChildProcess&& other) noexcept
        : pid_(std::exchange(other.pid_, -1)), output_(std::move(other.output_)) {}
    ChildProcess& operator=(ChildProcess&& other) noexcept {
        std::swap(pid_, other.pid_);
        std::swap(output_, other.output_);
        return *this;
    }

    /// The end of the pipe to read from; not blocking.
    const UniqueFd& output() const { return output_; }
    UniqueFd take_output() { return std::move(output_); }

    /// Ends it and whatever it has started, as far as the kernel lets go of it.
    void kill() const;

    /// Has it ended? Does not wait. Then, and only then, there is no zombie of it any more.
    bool reap();

    /// After it was reaped: did it exit with 0?
    bool has_succeeded() const { return status_ == 0; }
    /// The same: what it exited with; nothing when a signal ended it.
    std::optional<int> exit_status() const { return status_; }

  private:
    ChildProcess(pid_t pid, UniqueFd output) : pid_(pid), output_(std::move(output)) {}

    pid_t pid_; ///< -1 once it was reaped
    UniqueFd output_;
    std::optional<int> status_;
};

} // namespace sshpermd
