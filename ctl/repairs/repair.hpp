// repair and forget: whoever holds the repair lock carries them out, this process or the daemon.
#pragma once

#include "event/check.hpp"
#include "exit_code.hpp"
#include "options.hpp"
#include "policy/config.hpp"
#include "reconcile/request.hpp"
#include "repairs/recorder.hpp"
#include "store/repair_lock.hpp"

#include <variant>

namespace sshpermd {

/// What a repair came to; or why there was none, which has been said.
using Repaired = std::variant<Check, ExitCode>;

Repaired repair_by_daemon(const LockHolder& holder, const Options& options,
                          const RepairRequest& request);

/// Pre: this process holds the repair lock.
Check repair_here(const Config& config, const Options& options, const RepairRequest& request,
                  Recorder& recorder);

ExitCode repair(const Options& options);

ExitCode forget(const Options& options);

} // namespace sshpermd
