// The commands check and repair with --root: for the root volume of a machine that nobody can
// reach, mounted on this one.
#pragma once

#include "exit_code.hpp"
#include "options.hpp"

namespace sshpermd {

/// Pre: options.root. No state is read or written, neither the image's nor this machine's: nothing
/// is known of the past, and changes go to this machine's journal. The configuration is the
/// built-in one, or that of --config.
ExitCode check_image(const Options& options);
ExitCode repair_image(const Options& options);

} // namespace sshpermd
