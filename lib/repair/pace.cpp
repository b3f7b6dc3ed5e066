#include "repair/pace.hpp"

#include <algorithm>

namespace sshpermd {

Pace::Clock::time_point Pace::due(Clock::time_point now) const {
    return flapping() ? std::max(now, last_ + delay_) : now;
}

Pace::Change Pace::repaired(Clock::time_point now, const Config::Flap& flap) {
    constexpr std::chrono::milliseconds first_delay{100};
    if (in_window_ == 0 || now - window_start_ > flap.window) {
        window_start_ = now;
        in_window_ = 0;
    }
    ++in_window_;
    last_ = now;

    if (flapping()) {
        delay_ = std::min(delay_ * 2, flap.max_delay);
        return Change::none;
    }
    if (in_window_ <= flap.burst)
        return Change::none;
    delay_ = std::min(first_delay, flap.max_delay);
    return Change::started;
}

} // namespace sshpermd
