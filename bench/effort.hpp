// How a measurement of repairs is made, which its command line says.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace bench {

struct Effort {
    unsigned changes;
    std::string scheduler = "fifo";
    std::string json{}; ///< the report that the results are added to; none when empty

    /// Before all normal processes?
    bool is_first() const { return scheduler == "fifo"; }
    /// As the head of a report says it.
    const char* scheduler_name() const { return is_first() ? "SCHED_FIFO" : "SCHED_OTHER"; }
};

/// --changes, which `changes` explains, --scheduler and --json.
void add_options(CLI::App& app, Effort& effort, const std::string& changes);

} // namespace bench
