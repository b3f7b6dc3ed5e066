// The status for a person: one screen of 80 columns.
#pragma once

#include <iosfwd>
#include <string>

namespace sshpermd {

/// Of a document of schema sshpermd.status/1. False when it is none.
bool print_status(std::ostream& out, const std::string& document);

} // namespace sshpermd
