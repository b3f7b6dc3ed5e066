// Complaints: what could not be done, on standard error.
#pragma once

#include "exit_code.hpp"

#include <string>

namespace sshpermd {

/// A text that is fit for a terminal: as it is, or on a terminal in lines of 80 columns.
void print_complaint(const std::string& text);

/// One line, fit for a terminal whatever names are in it. Returns the code.
ExitCode complain(const std::string& problem, ExitCode code);

} // namespace sshpermd
