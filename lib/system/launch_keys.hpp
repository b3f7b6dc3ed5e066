// Launch keys: the public keys that the cloud gave this instance.
#pragma once

#include "keys/significant_lines.hpp"

#include <vector>

namespace sshpermd {

/// The keys in cloud-init's /run/cloud-init/instance-data.json (v1.public_ssh_keys), which must be
/// root's and writable by nobody else; empty when there is none, or it cannot be understood. Read
/// anew each time: it is asked for seldom.
std::vector<LineHash> launch_keys();

} // namespace sshpermd
