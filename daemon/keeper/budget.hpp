// Budget: how often one account may make root do something that costs.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace sshpermd {

/// A bucket that holds `most` and gets one more every `refill`. It is kept as the moment at which
/// it will be full, which says all. Pure: the caller brings the clock.
template <int Most, int RefillMicroseconds>
class Bucket {
  public:
    using Clock = std::chrono::steady_clock;

    static constexpr int most = Most;
    static constexpr std::chrono::microseconds refill{RefillMicroseconds};

    /// Is there one?
    bool has_one(Clock::time_point now) const { return next(now) == now; }

    /// Takes one. Pre: there is one.
    void take(Clock::time_point now) { full_ = std::max(full_, now) + refill; }

    /// When there is one again.
    Clock::time_point next(Clock::time_point now) const {
        return std::max(now, full_ - (most - 1) * refill);
    }

  private:
    Clock::time_point full_{};
};

using Budget = Bucket<20, 2'000'000>;

/// Until something is tried again; half the room of std::chrono::seconds.
using Patience = std::chrono::duration<std::int32_t>;

} // namespace sshpermd
