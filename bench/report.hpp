// The JSON document that all measurements of one run share.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "machine.hpp"

namespace bench {

/// Adds one measurement under its name to the document in `path`, which is made
/// when it does not exist. Does nothing when `path` is empty.
void add_to_report(const std::string& path, const std::string& name, const Machine& machine,
                   nlohmann::json measurement);

/// For JSON that people read too: two digits after the point.
double rounded(double value);

} // namespace bench
