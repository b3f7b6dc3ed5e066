// Instance data: what cloud-init wrote down about the machine it set up.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sshpermd {

/// The public keys in the text of cloud-init's instance-data.json: v1.public_ssh_keys, and as the
/// sources name them, ds."meta-data"."public-keys" (either with "_"); each a string of lines, a
/// list of such, or an object with such values ({"my-key": ["…"]} of EC2). Texts of one or more
/// lines, not judged here. Empty for what is no JSON or nested deeper than 32; cloud-init's own
/// files stay below 10.
std::vector<std::string> public_keys_of(std::string_view instance_data);

} // namespace sshpermd
