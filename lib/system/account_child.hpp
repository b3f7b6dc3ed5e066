// The account child: this very program, run once more to ask the account database, which may hang.
#pragma once

#include "io/unique_fd.hpp"
#include "policy/account_answer.hpp"
#include "system/child_process.hpp"

#include <optional>
#include <string_view>

namespace sshpermd {

/// As the only argument it makes a program the account child.
inline constexpr std::string_view account_child_argument = "--account-child";

/// The child: reads a question from standard input, writes the answer to standard output. Goes when
/// its parent does. The exit status; 0 when the answer was written.
int be_account_child();

/// A question in memory that a child reads when it likes: nothing waits for it. Nothing when there
/// is none to be had. It may be asked again once the child that read it has ended.
UniqueFd write_question(const AccountQuestion& question);

/// Starts it. Nothing when it cannot be started.
std::optional<ChildProcess> start_account_child(const UniqueFd& question);

} // namespace sshpermd
