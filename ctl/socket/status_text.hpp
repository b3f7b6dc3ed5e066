// The status for a person: one screen of 80 columns.
#pragma once

#include "policy/config.hpp"

#include <iosfwd>
#include <optional>
#include <string>

namespace sshpermd {

/// Of a document of schema sshpermd.status/1. False when it is none. With the configuration also
/// the override that would keep what was undone last.
bool print_status(std::ostream& out, const std::string& document,
                  const std::optional<Config>& config);

} // namespace sshpermd
