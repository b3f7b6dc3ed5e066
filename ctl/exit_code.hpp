// The exit codes of sshpermctl; docs/exit-codes are a contract for scripts.
#pragma once

namespace sshpermd {

enum class ExitCode {
    ok = 0,
    wrong = 1, ///< check: drift; repair: something still blocks a login or is exposed
    usage = 2,
    not_running = 3,
    permission_denied = 4,
    failed = 5, ///< something could not be looked at or carried out
    bad_config = 6,
};

} // namespace sshpermd
