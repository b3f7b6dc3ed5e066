// Daemon rest: a running daemon repairs nothing while this process does what it could undo.
#pragma once

#include "store/repair_lock.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace sshpermd {

/// Pauses of the daemon (docs/socket.md), of everybody's repairs: as few and short as can be, and
/// renewed, so that one ends soon after a process that was killed.
class DaemonRest {
  public:
    /// Nothing is paused yet. Throws std::runtime_error when there is no rest to be had: why, in a
    /// sentence.
    DaemonRest(const LockHolder& holder, std::string socket, const std::string& reason);
    DaemonRest(const DaemonRest&) = delete;
    DaemonRest& operator=(const DaemonRest&) = delete;
    ~DaemonRest();

    /// From the return of begin() to end(), in turns, the daemon repairs nothing. Throws as the
    /// constructor does.
    void begin();
    void end();

    /// To be called again and again. Throws as the constructor does.
    void go_on();

  private:
    void refuse_pause_of_others();
    void ask_for_rest();

    std::string socket_;
    std::string reason_;
    std::optional<std::chrono::steady_clock::time_point> renew_at_; ///< none but while it rests
    bool has_paused_ = false;                                       ///< not one that only observes
};

} // namespace sshpermd
