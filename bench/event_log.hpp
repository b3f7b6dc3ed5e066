// What the daemon wrote about the changes that were made: one event for each, and nothing but the
// truth.
#pragma once

#include <map>
#include <string>

namespace bench {

/// How often each path was broken, to be compared with what the log says.
using Counts = std::map<std::string, unsigned>;

/// Waits until the durable record in a directory has a repair for each change, ten seconds at most,
/// and no more. Others may have been made elsewhere. Throws, naming the first path with another
/// number of them, and when flap control took part in one.
void expect_each_on_record(const std::string& directory, const Counts& changes);

} // namespace bench
