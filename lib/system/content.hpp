// Content: reading what a held file or directory holds, without waiting and without a trace.
#pragma once

#include "finding/gate.hpp"
#include "system/handle.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace sshpermd {

/// Reads a held regular file, at most max_key_file bytes. Pre: observed as a regular file; anything
/// else would be opened. Throws std::system_error.
KeyFileContent read_key_file(const Handle& file);

/// The first bytes of a held regular file, at most `most`. Pre and errors as read_key_file().
std::string read_beginning(const Handle& file, std::size_t most);

/// A key file's content, and whether it can still change.
struct SettledContent {
    KeyFileContent content;
    bool writer_remains = false; ///< somebody has it open for writing, or nobody can tell
};

/// The same as read_key_file(), under a lease that nobody can hold while the file is open for
/// writing (F_SETLEASE of fcntl(2); needs CAP_LEASE on a file of somebody else's). When the file is
/// closed to all others before, and no writer remains, it holds what was read for good, as far as
/// others go. Throws std::system_error.
SettledContent read_settled_key_file(const Handle& file);

/// The names in a held directory that `is_wanted`, at most `most` of them, sought among its first
/// 1,024. Throws std::system_error.
std::vector<std::string> find_names(const Handle& dir, std::size_t most,
                                    const std::function<bool(std::string_view)>& is_wanted);

/// The entries of a held directory, at most max_ssh_entries + 1 of them, each looked at without
/// following links. Throws std::system_error.
std::vector<DirEntry> read_entries(const Kernel& kernel, const Handle& dir);

} // namespace sshpermd
