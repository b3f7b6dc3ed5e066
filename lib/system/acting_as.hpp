// Acting as an account: a piece of work done by a child process with nothing but its rights.
#pragma once

#include "policy/account.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sshpermd {

/// What `work` returns when it is done with the rights of the account: root's rights never meet a
/// path that a user controls, and a dead file system holds up the child alone. Without root's
/// rights it is done with those that there are. Its groups are those that NSS knows, or `groups`.
/// At most `most` bytes; nothing when the child cannot be started, cannot become the account, or
/// does not answer before the deadline. For a process with one thread.
std::optional<std::string> act_as(const Account& account, std::size_t most,
                                  std::chrono::milliseconds deadline,
                                  const std::function<std::string()>& work,
                                  const std::optional<std::vector<gid_t>>& groups = {});

} // namespace sshpermd
