// Complaints: what could not be done, on standard error.
#pragma once

#include "event/text.hpp"
#include "exit_code.hpp"

#include <iostream>
#include <string>

namespace sshpermd {

/// One line, fit for a terminal whatever names are in it. Returns the code.
inline ExitCode complain(const std::string& problem, ExitCode code) {
    std::cerr << "sshpermctl: " << printable(problem) << '\n';
    return code;
}

} // namespace sshpermd
