#include "repair/pace.hpp"

#include <algorithm>

namespace sshpermd {

Pace::Clock::time_point Pace::due(Clock::time_point now) const {
    return flapping() ? std::max(now, last_ + delay_) : now;
}

Pace::Change Pace::repaired(Clock::time_point now, const Config::Flap& flap) {
    constexpr std::chrono::milliseconds first_delay{100};
    last_ = now;
    if (flapping()) {
        delay_ = std::min(delay_ * 2, flap.max_delay);
        return Change::none;
    }
    std::erase_if(recent_, [&](Clock::time_point time) { return now - time > flap.window; });
    recent_.push_back(now);
    if (recent_.size() <= flap.burst)
        return Change::none;
    recent_.clear();
    delay_ = std::min(first_delay, flap.max_delay);
    return Change::started;
}

} // namespace sshpermd
