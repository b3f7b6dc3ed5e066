// Losses: of homes that a repair would close to somebody who uses them today.
#pragma once

#include "event/check.hpp"
#include "policy/config.hpp"

namespace sshpermd {

/// Says of each home that a repair would narrow who loses access by that, and which override keeps
/// the home as it is. Throws std::system_error when the accounts cannot be read.
void note_losses(const Config& config, Check& check);

} // namespace sshpermd
