// Path rule: would sshd read this key file, and if not, because of what?
#pragma once

#include "explain/key_path.hpp"
#include "explain/login_case.hpp"

#include <optional>
#include <string>

namespace sshpermd {

struct PathFlaw {
    enum class Kind { missing, refused, cannot_tell };
    Kind kind = Kind::refused;
    std::string summary;
    std::string cause; ///< in sshd's words
    std::string fix;
};

/// The rule of auth2-pubkeyfile.c auth_openfile() and misc.c safe_path() of OpenSSH: opened with
/// the account's rights, a regular file, and, with StrictModes, the file and each directory above
/// it, up to the home or else the root, owned by root or the account and written by nobody else.
/// Nothing when sshd reads it.
std::optional<PathFlaw> flaw_of(const KeyPath& path, const LoginCase& login);

/// Of one part: owned by root or the account and written by nobody else, or, where sshd is built
/// as Debian's is (user-group-modes.patch), by a group of which the owner is the only member.
bool is_safe(const PathPart& part, uid_t uid, const LoginCase& login);

} // namespace sshpermd
