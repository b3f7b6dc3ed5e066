// Replacing a file as a whole: who reads it sees the old one or the new one, never a part.
#pragma once

#include <string>

namespace sshpermd {

/// The new one is 0644. Throws std::system_error, and leaves the old one as it is then.
void replace_file(const std::string& path, const std::string& text);

} // namespace sshpermd
