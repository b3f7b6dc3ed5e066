// check-key: what a key file is, whether ssh, sshd and EC2 take it, and what to do where they do
// not.
#pragma once

#include "exit_code.hpp"
#include "options.hpp"

namespace sshpermd {

/// Of any key file, private ones, too; for anybody who can read it. Changes nothing.
ExitCode check_key(const Options& options);

} // namespace sshpermd
