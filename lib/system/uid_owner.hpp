// Who stands behind a uid: nobody any more, or somebody.
#pragma once

#include <sys/types.h>

namespace sshpermd {

/// Is this uid certainly nobody's: the account database answers "no such account" (not "I cannot
/// tell"), it is outside systemd's dynamic and container ranges (61184 to 65519, 524288 to
/// 1879048191 of systemd.io/UIDS-GIDS) and not 65534 or -1, and no line of /etc/subuid gives it to a
/// user, who could act as it in a user namespace?
bool is_nobodys(uid_t uid);

} // namespace sshpermd
