#include "event/tally.hpp"

#include <algorithm>

namespace sshpermd {

void WrongTimes::count(std::chrono::microseconds wrong_for) {
    const auto* const bucket = std::lower_bound(bounds.begin(), bounds.end(), wrong_for);
    ++counts.at(static_cast<std::size_t>(bucket - bounds.begin()));
    sum += wrong_for;
}

void Tally::count(const Event& event) {
    ++events.at(static_cast<std::size_t>(event.type));
    if (event.type != EventType::permission_repaired || !event.target)
        return;
    ++repairs.at(static_cast<std::size_t>(*event.target));
    if (event.wrong_for)
        wrong_times.count(*event.wrong_for);
}

} // namespace sshpermd
