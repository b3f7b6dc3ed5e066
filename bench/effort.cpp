// The options that the measurements of repairs share.
#include "effort.hpp"

namespace bench {

void add_options(CLI::App& app, Effort& effort, const std::string& changes) {
    app.add_option("--changes", effort.changes, changes)
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    app.add_option("--scheduler", effort.scheduler, "fifo: before all normal processes; or other")
        ->check(CLI::IsMember({"fifo", "other"}))
        ->capture_default_str();
    app.add_option("--json", effort.json, "add the results to this file");
}

} // namespace bench
