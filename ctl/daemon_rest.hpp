// Daemon rest: a running daemon repairs nothing while this process does what it could undo.
#pragma once

#include "system/repair_lock.hpp"

#include <chrono>
#include <string>

namespace sshpermd {

/// A pause of the daemon (docs/socket.md), short and renewed, so that it ends soon after a process
/// that was killed.
class DaemonRest {
  public:
    /// Throws std::runtime_error when there is no rest to be had: why, in a sentence.
    DaemonRest(const LockHolder& holder, std::string socket, const std::string& reason);
    DaemonRest(const DaemonRest&) = delete;
    DaemonRest& operator=(const DaemonRest&) = delete;
    ~DaemonRest();

    /// To be called again and again. Throws as the constructor does.
    void go_on();

  private:
    void ask_for_rest();

    std::string socket_;
    std::string reason_;
    std::chrono::steady_clock::time_point renew_at_;
    bool has_paused_ = false;
};

} // namespace sshpermd
