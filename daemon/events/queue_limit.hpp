// The limit of each queue of events.
#pragma once

#include <cstddef>

namespace sshpermd {

/// Events, or their lines. What comes when so many wait is counted instead.
inline constexpr std::size_t most_waiting = 100'000;

} // namespace sshpermd
