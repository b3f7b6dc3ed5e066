// Storm: are so many repairs made at once that somebody should hear of all of them in one sentence?
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace sshpermd {

/// Of repairs that follow each other within a second, for at most a minute. Pure: the caller brings
/// the clock.
class Storm {
  public:
    using Clock = std::chrono::steady_clock;

    /// With no more repairs it is none.
    static constexpr std::uint64_t most_in_calm = 1000;

    struct Past {
        std::uint64_t repairs = 0;
        Clock::duration lasted{}; ///< from the first repair to the last
    };

    void repaired(Clock::time_point now) {
        if (repairs_ <= most_in_calm && now >= last_ + pause)
            repairs_ = 0;
        if (repairs_++ == 0)
            first_ = now;
        last_ = now;
    }

    /// When to ask for its end; nothing while there is none.
    std::optional<Clock::time_point> due() const {
        if (repairs_ <= most_in_calm)
            return std::nullopt;
        return std::min(last_ + pause, first_ + longest);
    }

    /// The storm that has ended, once.
    std::optional<Past> take_end(Clock::time_point now) {
        const auto end = due();
        if (!end || now < *end)
            return std::nullopt;
        const Past past{repairs_, last_ - first_};
        repairs_ = 0;
        return past;
    }

  private:
    static constexpr std::chrono::seconds pause{1};
    static constexpr std::chrono::seconds longest{60};

    std::uint64_t repairs_ = 0;
    Clock::time_point first_{};
    Clock::time_point last_{};
};

} // namespace sshpermd
