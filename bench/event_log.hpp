// What the daemon wrote about the changes that were made: one event for each, and nothing but the
// truth.
#pragma once

#include <map>
#include <string>

namespace bench {

/// How often each path was broken, to be compared with what the log says.
using Counts = std::map<std::string, unsigned>;

/// Waits until `file` holds as many repairs as were made, a few seconds at most, and compares them.
/// Throws, naming the first difference: a path with too few or too many events, a repair with other
/// modes than the ones that were set, flap control that took part.
void expect_one_event_per_change(const std::string& file, const Counts& changes);

/// Waits until the durable record in a directory has a repair for each change, ten seconds at most.
/// Others may have been made. Throws, naming the first path with another number of them.
void expect_each_on_record(const std::string& directory, const Counts& changes);

} // namespace bench
