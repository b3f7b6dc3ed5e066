// Ignored words: why sshd ignores a line of a key file, for a person.
#pragma once

#include "keys/key_list.hpp"

#include <string>

namespace sshpermd {

/// Why sshd ignores a line and what to do about it: one sentence. Empty when it does not.
std::string why_ignored(const ListedKey& listed);

} // namespace sshpermd
