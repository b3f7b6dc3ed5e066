#include "keeper/noise.hpp"

#include <algorithm>
#include <utility>

namespace sshpermd {
namespace {

constexpr std::chrono::milliseconds slot{100};
constexpr int most_a_slot = Noise::most_a_second / 10;

/// A loud slot counts twice what a quiet one takes back: pauses do not hide noise. Ten loud slots
/// are too much.
constexpr int loud = 2;
constexpr int too_loud = 20;

/// A reader that comes late finds the changes of several slots at once; of more than these, it is a
/// burst and then silence.
constexpr Noise::Clock::rep most_slots = 3;

} // namespace

bool Noise::heard(Clock::time_point now, int changes) {
    if (const auto slots = (now - since_) / slot; slots > 0) {
        const auto spread = std::min(slots, most_slots);
        const auto loud_slots = count_ > most_a_slot * spread ? spread : 0;
        const auto quiet_slots = std::min<Clock::rep>(slots - loud_slots, too_loud);
        loudness_ = std::max(0, loudness_ + static_cast<int>(loud * loud_slots - quiet_slots));
        since_ += slots * slot;
        count_ = 0;
    }
    count_ += changes;
    return loudness_ >= too_loud;
}

std::chrono::seconds Hush::begin(Clock::time_point now) {
    const bool goes_on = length_.count() > 0 && now < until_ + length_;
    length_ = goes_on ? std::min(2 * length_, longest) : shortest;
    until_ = now + length_;
    end_is_due_ = true;
    return length_;
}

bool Hush::take_end(Clock::time_point now) {
    return !lasts(now) && std::exchange(end_is_due_, false);
}

Hush::Clock::time_point Hush::next_look(Clock::time_point now) const {
    return std::min<Clock::time_point>(now + std::chrono::seconds{1}, until_);
}

std::optional<std::uint64_t> Incident::happened(Clock::time_point now) {
    if (told_ && now - *told_ < length) {
        ++suppressed_;
        return std::nullopt;
    }
    told_ = now;
    return std::exchange(suppressed_, 0);
}

} // namespace sshpermd
