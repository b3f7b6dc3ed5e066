// Pace: how fast one target is repaired when somebody keeps undoing the repair.
#pragma once

#include "policy/config.hpp"

#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

namespace sshpermd {

/// Flap control for one target. The first `burst` repairs in a `window` are made at once; further
/// ones wait for a delay that doubles from 0.1 s up to `max_delay`. A drift is delayed, never
/// abandoned; a window without a repair ends the flapping. Pure: the caller brings the clock.
class Pace {
  public:
    using Clock = std::chrono::steady_clock;

    enum class Change { none, started };

    /// The moment from which a drift may be repaired; not after `now` means at once.
    Clock::time_point due(Clock::time_point now) const;

    /// A repair was made (or tried). Says whether flapping began with it.
    Change repaired(Clock::time_point now, const Config::Flap& flap);

    /// A drift was seen and had to wait.
    void suppressed() {
        ++suppressed_;
        ++since_repair_;
    }

    /// How many had to wait since this was last asked.
    std::uint64_t take_suppressed() { return std::exchange(since_repair_, 0); }

    bool flapping() const { return delay_.count() > 0; }
    std::uint64_t suppressed_count() const { return suppressed_; }

    /// From here on, without another repair, this pace says nothing that a new one would not.
    Clock::time_point quiet_from(const Config::Flap& flap) const { return last_ + flap.window; }

  private:
    std::vector<Clock::time_point> recent_; ///< repairs in the last window, burst + 1 at most
    Clock::time_point last_{};
    std::chrono::milliseconds delay_{0};
    std::uint64_t suppressed_ = 0;
    std::uint64_t since_repair_ = 0;
};

} // namespace sshpermd
