// Who stands behind a uid: nobody any more, or somebody.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace sshpermd {

/// Is this uid certainly nobody's: the account database answers "no such account" (not "I cannot
/// tell"), it is outside systemd's dynamic, container and homed ranges (61184 to 65519, 524288 to
/// 1879048191, 60001 to 60513 of systemd.io/UIDS-GIDS) and not 65534, 65535 or -1, and no line of
/// /etc/subuid gives it to a user, who could act as it in a user namespace?
///
/// "I cannot tell" is whatever getpwuid_r(3) returns besides 0 (also ENOENT, which glibc gives for
/// an /etc/passwd that is gone), a database in which root is not found either, and a "passwd" line
/// of nsswitch.conf that names a directory service: while it cannot be reached, a source after it
/// still answers "no such account". A /etc/subuid that exists and cannot be read, could have been
/// written by others, or is not understood, gives every uid to somebody. Sub-uids that come from
/// elsewhere ("subid" in nsswitch.conf, libsubid) are not seen.
/// Blocks as long as NSS does.
/// `etc` is where subuid and nsswitch.conf lie; the database is always the machine's.
bool is_nobodys(uid_t uid, const std::string& etc = "/etc");

/// The part of it that the texts of nsswitch.conf and subuid decide: false is certain, true needs
/// an account database that has not got it. Nothing for a text that cannot be believed.
bool may_be_nobodys(uid_t uid, const std::optional<std::string>& nsswitch,
                    const std::optional<std::string>& subuid);

} // namespace sshpermd
