// File trial: what a program says where files have another content, before any file is changed.
#pragma once

#include "system/inquirer.hpp"

#include <map>
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

/// For what nobody vouches for, such as another machine's configuration: the same, where there is
/// nothing but this machine's programs (/usr and what leads there) and these files, by path. The
/// commands run without any right, as nobody, reach no network, and may write into trial_dir alone.
/// Files may be given below /etc/ssh, /etc/crypto-policies, /usr/etc/ssh and trial_dir, and the
/// account files: none of them can make a program of this machine run what is in another. The
/// errors of the last command belong to its text or are dropped.
std::optional<Inquirer::Said> hear_apart(const std::map<std::string, std::string>& files,
                                         const std::vector<std::vector<std::string>>& commands,
                                         const Inquirer::Limits& limits,
                                         ChildProcess::Errors errors);

/// May a file be given to hear_apart() under this path?
bool may_be_given_apart(const std::string& path);

} // namespace sshpermd
