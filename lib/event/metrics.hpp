// Metrics: a status and a tally in Prometheus' text format (0.0.4).
#pragma once

#include "event/status.hpp"
#include "event/tally.hpp"

#include <string>

namespace sshpermd {

/// No label holds the name of a user or a path: its values are fixed words, and each is there from
/// the start, so that an alert never waits for a series to appear.
std::string to_metrics(const Status& status, const Tally& tally);

} // namespace sshpermd
