// Key path: one key file on the way that sshd goes to it, with the account's own rights.
#pragma once

#include "policy/account.hpp"
#include "system/sysroot.hpp"

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace sshpermd {

/// One name on a path, as stat(2) shows it.
struct PathPart {
    std::string path;
    int error = 0; ///< errno of the stat; then nothing else is known
    mode_t mode = 0;
    uid_t owner = 0;
    gid_t group = 0;
    bool has_acl = false;
};

/// auth2-pubkeyfile.c auth_openfile() and misc.c safe_path() of OpenSSH, as far as they only look.
struct KeyPath {
    std::string path;                 ///< as configured, tokens expanded
    int open_error = 0;               ///< errno; not_a_regular_file for what is none
    std::optional<std::string> text;  ///< nothing beyond 1 MiB, too: then open_error is EFBIG
    std::string real_path;            ///< realpath(3); empty when that failed
    std::string real_home;            ///< the same of the home
    std::optional<PathPart> file;     ///< what was opened
    std::vector<PathPart> parents;    ///< of the real path, from the innermost to the root
    std::vector<PathPart> on_the_way; ///< of the path as it stands, up to the first that fails
};

/// Looks as the account, in a child. Nothing when that does not answer.
std::optional<KeyPath> walk_key_path(const Sysroot& root, const Account& account,
                                     const std::string& path);

} // namespace sshpermd
