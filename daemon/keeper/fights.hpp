// Fights: which change of one account's or home root's targets is undone again and again, however
// slowly.
#pragma once

#include "repair/report.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace sshpermd {

/// Counts the repairs of each change: from the state that was found to the state that was made.
/// Pure: the caller brings the clock. It is a monotonic one, which stands still while the machine
/// is suspended: a day is one of running.
class Fights {
  public:
    using Clock = std::chrono::steady_clock;

    static constexpr std::size_t times_in_a_day = 5;

    /// Of one target. One that is said to be fought for keeps its place until it was quiet for a
    /// day, so there is no more than this to say of a target in a day; of the others the latest
    /// are remembered.
    static constexpr std::size_t most_changes = 4;

    /// A repair was made. True the fifth time in a day that it was the same; then not again until
    /// there was no such repair for a day.
    bool repaired(const Report& report, Clock::time_point now);

    /// Changes that are remembered.
    std::size_t size() const { return changes_.size(); }

  private:
    struct State {
        Mode mode;
        uid_t owner;
        gid_t group;

        friend bool operator==(const State&, const State&) = default;
    };

    struct Change {
        std::string path;
        State found;
        State made;
        Clock::time_point last;
        std::vector<Clock::time_point> times; ///< in the last day, before it was told
        bool told = false;
    };

    static State state_of(const Observed& observed);
    Change* change_of(const Report& report);
    bool make_room(const std::string& path);

    std::vector<Change> changes_;
};

} // namespace sshpermd
