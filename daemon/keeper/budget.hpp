// Budget: how often one account may make root do something that costs.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace sshpermd {

/// A bucket that holds `most` and gets one more every `refill`. Pure: the caller brings the clock.
template <int Most, int RefillMicroseconds>
class Bucket {
  public:
    using Clock = std::chrono::steady_clock;

    static constexpr int most = Most;
    static constexpr std::chrono::microseconds refill{RefillMicroseconds};

    /// Is there one?
    bool has_one(Clock::time_point now) {
        const auto earned = (now - since_) / refill;
        if (earned > 0) {
            left_ = static_cast<int>(std::min<Clock::rep>(most, left_ + earned));
            since_ += earned * refill;
        }
        return left_ > 0;
    }

    /// Takes one. Pre: there is one.
    void take() { --left_; }

    /// When there is one again.
    Clock::time_point next(Clock::time_point now) const {
        return left_ > 0 ? now : since_ + refill;
    }

  private:
    int left_ = most;
    Clock::time_point since_{};
};

using Budget = Bucket<20, 2'000'000>;

/// Until something is tried again; half the room of std::chrono::seconds.
using Patience = std::chrono::duration<std::int32_t>;

} // namespace sshpermd
