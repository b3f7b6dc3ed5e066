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

/// How long repairs lasted in one circumstance.
struct Circumstance {
    std::string name;
    std::vector<Samples> batches{};
};

/// Prints the rows of all, which have as many batches each, and for each but the first the ratio of
/// medians to the first's (goal: at most 1.25) and the difference of p99 (goal: at most a
/// millisecond), each the median of what the batches of one turn give; returns the same.
nlohmann::json report_turns(const std::vector<Circumstance>& circumstances);

} // namespace bench
