// The journal: events as journald entries with fields of their own.
#pragma once

#include "event/event.hpp"

#include <string>

namespace sshpermd {

/// Is there a journald to send to?
bool journal_is_running();

/// Is standard error connected to the journal already (JOURNAL_STREAM of systemd.exec(5))?
bool stderr_is_journal();

/// Sends one event with its line as MESSAGE. Waits as long as journald does not read.
/// False when journald did not take it.
bool send_to_journal(const Event& event, const std::string& line);

} // namespace sshpermd
