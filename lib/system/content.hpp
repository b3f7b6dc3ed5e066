// Content: reading what a held file or directory holds, without waiting and without a trace.
#pragma once

#include "finding/gate.hpp"
#include "system/handle.hpp"

#include <vector>

namespace sshpermd {

/// Reads a held regular file, at most max_key_file bytes. Pre: observed as a regular file; anything
/// else would be opened. Throws std::system_error.
KeyFileContent read_key_file(const Handle& file);

/// The entries of a held directory, at most max_ssh_entries + 1 of them, each looked at without
/// following links. Throws std::system_error.
std::vector<DirEntry> read_entries(const Kernel& kernel, const Handle& dir);

} // namespace sshpermd
