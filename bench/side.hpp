// One watcher's side of a comparison: its homes, and what is broken in them.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <sys/types.h>

#include "event_log.hpp"
#include "statistics.hpp"

namespace bench {

struct Side {
    std::string name;
    pid_t process = 0;
    std::string root;       ///< as it is called here; the daemon calls its own /home
    std::string record{};   ///< the directory of its durable record; none when empty
    unsigned one_of = 1;    ///< it gets one of so many changes, because it is slow
    unsigned gap_us = 1000; ///< rest after each change
    /// Breaks that are made in turn, one group after the other.
    std::vector<std::vector<std::size_t>> groups{};
    std::vector<std::string> homes{}; ///< in an order that no cache can guess
    std::vector<std::size_t> next{};  ///< for each group
    Counts changes{};                 ///< by the daemon's path

    /// One home after the other.
    Samples batch(std::size_t group, unsigned count);
    std::string name_of(std::size_t group) const;
    double changes_made() const;
    /// Throws when the record, if there is one, has more or less than one repair for each change.
    void expect_each_on_record() const;
};

/// `homes` is how many of those below the root are changed; 0 for all. `but` names one that is not.
void from_json(const nlohmann::json& json, Side& side);

} // namespace bench
