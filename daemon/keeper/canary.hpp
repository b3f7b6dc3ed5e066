// Canary: does a change that is made on purpose come back as an event?
#pragma once

#include <chrono>
#include <optional>
#include <utility>

namespace sshpermd {

/// One test at a time. Pure: the caller makes the change and brings the clock.
class Canary {
  public:
    using Clock = std::chrono::steady_clock;

    static constexpr std::chrono::seconds patience{1};

    /// The change has been made.
    void was_touched(Clock::time_point now) { silent_at_ = now + patience; }

    /// Its event came. True when it was waited for.
    bool was_heard() { return std::exchange(silent_at_, std::nullopt).has_value(); }

    /// Events were lost, perhaps this one: nothing is known.
    void lost_events() { silent_at_.reset(); }

    /// Should it have come by now? Says so once.
    bool take_silence(Clock::time_point now) {
        return silent_at_ && *silent_at_ <= now && was_heard();
    }

    /// When to ask for silence.
    std::optional<Clock::time_point> due() const { return silent_at_; }

  private:
    std::optional<Clock::time_point> silent_at_;
};

} // namespace sshpermd
