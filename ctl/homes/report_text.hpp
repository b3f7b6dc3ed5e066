// The report of check and repair for a person: two lines a finding, fit for 80 columns.
#pragma once

#include "event/check.hpp"
#include "options.hpp"

#include <iosfwd>
#include <string>

namespace sshpermd {

enum class Color { off, on };

/// What --color, NO_COLOR (no-color.org) and the terminal on standard output come to.
Color color_for(ColorChoice choice);

/// Compliant and missing targets are shown only when asked for with -v; the last line sums up.
void print_report(std::ostream& out, const Check& check, Verbosity verbosity, Color color);

} // namespace sshpermd
