// sshd words: what keeps sshd from starting, read from what `sshd -t` wrote.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sshpermd {

enum class SshdFault {
    unknown_keyword, ///< of a line: `subject` is the keyword
    config,          ///< a line that it does not take for another reason
    no_user,         ///< `subject` is the name that it wants for privilege separation
    no_host_keys,
    no_directory,   ///< `subject` is the directory that it wants for privilege separation
    open_directory, ///< the same: there, and not root's alone
    other,
};

struct SshdComplaint {
    SshdFault fault = SshdFault::other;
    std::string words; ///< the line that says so
    std::string subject;
    std::string file; ///< of unknown_keyword and config
    unsigned line = 0;
};

/// What stopped it, of all that it wrote (servconf.c and sshd.c main() of OpenSSH): it tells of all
/// keywords of a file that it does not know, the first is given, and of one other fault. Nothing
/// for a text without a word. Pre: it failed.
std::optional<SshdComplaint> complaint_in(std::string_view said);

/// Can this be the name of an account for privilege separation, as it would be given to useradd?
bool is_system_name(std::string_view name);

/// Is this where a directory for privilege separation may be made? Distributions have theirs
/// below /run, /var/run, /var/empty, /var/lib and /usr/share/empty.sshd.
bool may_be_separation_dir(std::string_view path);

} // namespace sshpermd
