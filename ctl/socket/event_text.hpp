// An event for a person: one line in a pipe, lines of 80 columns on a terminal.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <iosfwd>

namespace sshpermd {

void print_event(std::ostream& out, const nlohmann::ordered_json& event);

} // namespace sshpermd
