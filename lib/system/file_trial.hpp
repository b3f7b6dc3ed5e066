// File trial: what a program says where files have another content, before any file is changed.
#pragma once

#include "system/inquirer.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sshpermd {

struct OtherContent {
    std::string path; ///< of a regular file, not below /tmp
    std::string text;
};

/// A directory that only the trial has, empty at first; nothing of it is left behind.
inline constexpr const char* trial_dir = "/tmp";

/// Runs the commands one after another where these files have this content and trial_dir is empty,
/// and returns what the last of them says. It is a mount namespace of its own that does it: nobody
/// else sees anything of it, and it ends with the call. Nothing where that is not allowed, or a
/// command cannot be run; all but the last have to succeed.
std::optional<Inquirer::Said> hear_in_trial(const std::vector<OtherContent>& others,
                                            const std::vector<std::vector<std::string>>& commands,
                                            const Inquirer::Limits& limits);

} // namespace sshpermd
