// Asking whoever holds the repair lock to make a change.
#pragma once

#include "exit_code.hpp"
#include "socket/client.hpp"
#include "store/repair_lock.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace sshpermd {

/// Asks the daemon that holds the lock; nothing when it is none that answers: that was said. `each`
/// as for ask().
std::optional<HttpAnswer> ask_holder(const LockHolder& holder, const std::string& socket,
                                     const std::string& path, const std::string& body,
                                     const std::function<void(std::string_view line)>& each = {});

/// The daemon's sentence, and what it means to a script.
ExitCode complain_of_answer(const HttpAnswer& answer);

} // namespace sshpermd
