// What can be asked of the status socket at once.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

namespace bench {

/// Processes of their own, off until turn_on(): 200 connections that each ask once a second and are
/// opened anew, 50 of them root's and the rest those of three members of the group sshperm, because
/// nobody gets more than 64; 8 followers of the events.
class SocketLoad {
  public:
    static constexpr unsigned connections = 200; ///< and questions a second
    static constexpr unsigned followers = 8;

    explicit SocketLoad(const std::string& socket);
    SocketLoad(const SocketLoad&) = delete;
    SocketLoad& operator=(const SocketLoad&) = delete;
    ~SocketLoad();

    void turn_on();
    void turn_off();

    /// What the processes count; read it while they are off.
    struct Counts {
        std::atomic<bool> is_on;
        std::atomic<std::uint64_t> on_us; ///< for how long it was on
        std::atomic<std::uint64_t> answered;
        std::atomic<std::uint64_t> refused; ///< another status than 200, or a connection refused
        std::atomic<std::uint64_t> late;    ///< no answer within a second
        std::atomic<std::uint64_t> lines;   ///< events that followers got
    };
    const Counts& counts() const { return *counts_; }

  private:
    template <class Work>
    void start(Work work);

    Counts* counts_;
    std::vector<pid_t> processes_;
    std::uint64_t on_since_us_ = 0;
};

} // namespace bench
