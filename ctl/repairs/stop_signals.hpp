// Stop signals: Ctrl-C and its like are asked for, so that they never come at a bad moment.
#pragma once

#include <csignal>

namespace sshpermd {

/// Keeps the signals that end or suspend a program back while it lives.
class StopSignals {
  public:
    StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;
    ~StopSignals();

    /// Has one come that ends the program? Suspends it here when that is what was asked for.
    bool is_over();

  private:
    sigset_t ending_{};
    sigset_t suspending_{};
    sigset_t before_{};
    bool is_over_ = false;
};

} // namespace sshpermd
