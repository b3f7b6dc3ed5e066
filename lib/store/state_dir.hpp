// The state directory: where what must outlast a restart is kept.
#pragma once

#include "io/unique_fd.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sshpermd {

inline constexpr const char* state_path = "/var/lib/sshpermd";

enum class StateUse { look, change };

/// /var/lib/sshpermd (or `path`, its parent the caller's to trust), root's with mode 0700; made,
/// and narrowed to it, when it is to be changed. What is in it is opened by single names, without
/// following links. An empty descriptor when it is only to be looked at and is not there. Throws
/// std::system_error; with EPERM when somebody besides root owns it, or could write it.
UniqueFd open_state_dir(StateUse use, const std::string& path = state_path);

/// A file in the state directory, as strict: a regular file of root's with one name, that nobody
/// else could write; made with mode 0600, and narrowed to it, when it is to be changed. Open for
/// reading, or for reading and appending. Throws as open_state_dir() does.
UniqueFd open_state_file(int dir, const char* name, StateUse use);

/// A file in the state directory, whole, as it is or as it will be: after a crash there is the old
/// text or the new one. Waits for the disk. Throws as open_state_dir() does.
void write_state_file(int dir, const std::string& name, std::string_view text);

/// Nothing when it is not there. Throws as open_state_file() does, and for more than 1 MiB.
std::optional<std::string> read_state_file(int dir, const char* name);

} // namespace sshpermd
