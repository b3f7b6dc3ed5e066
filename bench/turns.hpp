// Two circumstances of the same repairs, in turns of batches.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "event_log.hpp"
#include "statistics.hpp"

namespace bench {

/// The homes below a root, in an order that no cache can guess, and the same in every run.
std::vector<std::string> homes_below(const std::string& root);

/// One home after the other, with either harmless break in turn.
struct Walk {
    std::string root; ///< as it is called here; the daemon calls it /home
    std::vector<std::string> homes;
    std::size_t next = 0;
    Counts changes{}; ///< by the daemon's path

    std::size_t most_of_one() const; ///< how often a target is broken at most

    /// What sshd and others may read but not write: repaired without a look at the keys.
    Samples batch(unsigned count);
};

/// How long repairs lasted without and with what may delay them.
struct Turns {
    std::string without, with; ///< what the rows are called
    std::vector<Samples> of_without{}, of_with{};

    /// Prints both rows, the ratio of medians (goal: at most 1.25) and the difference of p99 (goal:
    /// at most a millisecond), each the median of what neighbours give; returns the same.
    nlohmann::json report() const;
};

} // namespace bench
