// Launch keys: the public keys that the cloud gave this instance.
#pragma once

#include "keys/significant_lines.hpp"

#include <string>
#include <vector>

namespace sshpermd {

/// The keys in cloud-init's /run/cloud-init/instance-data.json (v1.public_ssh_keys, and the same as
/// the data source named them), which must be root's and writable by nobody else; empty when there
/// is none, or it cannot be understood. Lines that sshd would not take for a key are left out.
/// cloud-init writes the file before it writes any authorized_keys, and anew on each boot. Root's
/// own line differs where disable_root puts a command before the key. Read anew each time: it is
/// asked for seldom.
std::vector<LineHash> launch_keys(const std::string& path = "/run/cloud-init/instance-data.json");

} // namespace sshpermd
