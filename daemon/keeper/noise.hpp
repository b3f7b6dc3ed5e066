// Noise: how many changes a watch may report, for how long nobody listens to one that reports
// more, and how seldom the same is said. Pure: the caller brings the clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace sshpermd {

/// What one watch reports. A burst, however large, is no noise; what goes on for a second is.
class Noise {
  public:
    using Clock = std::chrono::steady_clock;

    static constexpr int most_a_second = 4000;

    /// For how many changes one is counted that was read after the queue was left to itself for a
    /// while: the kernel merges a change with the one before it that says the same.
    static constexpr int merged_into_one = 4;

    /// So many more changes. True when there have been too many, for too long.
    bool heard(Clock::time_point now, int changes = 1);

  private:
    Clock::time_point since_{}; ///< of the slot that is counted
    int count_ = 0;
    int loudness_ = 0;
};

/// An account that makes noise is not watched, but looked at every second: for a minute at first,
/// for twice as long each time that the noise has not ended, up to ten minutes.
class Hush {
  public:
    using Clock = std::chrono::steady_clock;

    static constexpr std::chrono::seconds shortest{60};
    static constexpr std::chrono::seconds longest{600};

    /// There was noise. How long this lasts.
    std::chrono::seconds begin(Clock::time_point now);

    bool lasts(Clock::time_point now) const { return now < until_; }

    /// Has it ended since this was last asked?
    bool take_end(Clock::time_point now);

    /// When the account is looked at again while it lasts.
    Clock::time_point next_look(Clock::time_point now) const;

  private:
    Clock::time_point until_{};
    std::chrono::seconds length_{0};
    bool end_is_due_ = false;
};

/// Something that others can make happen as often as they like: told once a minute.
class Incident {
  public:
    using Clock = std::chrono::steady_clock;

    static constexpr std::chrono::minutes length{1};

    /// It happened. Nothing when it is not to be told; else how often it was not told before.
    std::optional<std::uint64_t> happened(Clock::time_point now);

  private:
    std::optional<Clock::time_point> told_;
    std::uint64_t suppressed_ = 0;
};

} // namespace sshpermd
