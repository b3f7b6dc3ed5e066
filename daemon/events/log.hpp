// The daemon's two kinds of output: where events go, and the diagnostics beside them.
#pragma once

#include <string>

namespace sshpermd {

/// Where event lines are written.
struct LogTarget {
    bool journal = false;
    bool standard_error = false;
};

/// "auto": the journal where there is one, and standard error unless that is the journal already
/// (or there is a journal and nobody looks at standard error). "journal" and "stderr" as named.
LogTarget log_target(const std::string& choice);

/// Sets up spdlog's default logger for diagnostics (not events), at a level of the configuration.
void set_up_diagnostics(const LogTarget& target, const std::string& level);

} // namespace sshpermd
