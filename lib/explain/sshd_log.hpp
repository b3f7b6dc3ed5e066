// sshd log: what sshd has written into the journal lately.
#pragma once

#include "explain/log_words.hpp"

#include <vector>

namespace sshpermd {

/// The last lines of sshd and sshd-session, root's own alone, the oldest first: of three days, and
/// not more than a few thousand. None without a journal, or without the right to read it.
std::vector<LogLine> read_sshd_log();

} // namespace sshpermd
