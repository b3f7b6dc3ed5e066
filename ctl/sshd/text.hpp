// What `repair --sshd` prints for people.
#pragma once

#include "homes/report_text.hpp"
#include "options.hpp"
#include "sshd/step.hpp"

#include <iosfwd>
#include <vector>

namespace sshpermd {

/// One finding under the other, and how many of them there are; what is as it should be only when
/// verbose.
void print_sshd_steps(std::ostream& out, const std::vector<SshdStep>& steps, Verbosity verbosity,
                      Color color);

} // namespace sshpermd
