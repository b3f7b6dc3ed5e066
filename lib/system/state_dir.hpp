// The state directory: where what must outlast a restart is kept.
#pragma once

#include "system/unique_fd.hpp"

namespace sshpermd {

inline constexpr const char* state_path = "/var/lib/sshpermd";

enum class StateUse { look, change };

/// /var/lib/sshpermd, root's with mode 0700; made when it is to be changed and missing. What is in it
/// is opened by single names, without following links. An empty descriptor when it is only to be
/// looked at and is not there. Throws std::system_error; with EPERM when somebody besides root owns
/// it, or could write it.
UniqueFd open_state_dir(StateUse use);

} // namespace sshpermd
