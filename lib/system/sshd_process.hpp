// sshd process: the sshd that runs, and what it was started with.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sshpermd {

/// What of its command line changes its configuration.
struct SshdArguments {
    std::string config;               ///< of -f; empty: its usual one
    std::vector<std::string> options; ///< "-o", "X=Y", "-p", "22", … as they are to be given again
    bool understood = true;
};

/// Reads /proc/PID/cmdline: words with NULs between them, or what setproctitle() of a listening
/// sshd has made of them: "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups" (sshd.c
/// prepare_proctitle() of OpenSSH), where blanks in a word cannot be told from those between words:
/// a word ends before the next that begins with "-". Nothing for any other process.
std::optional<SshdArguments> parse_sshd_arguments(std::string_view cmdline);

struct SshdProcess {
    pid_t pid = 0;
    std::string program; ///< absolute; empty when it is not one that only root could have put there
    SshdArguments arguments;
};

/// Root's listening sshds of this mount namespace, by pid.
std::vector<SshdProcess> find_listening_sshds(const std::string& proc);

/// A TCP socket that is listened on.
struct Listener {
    bool loopback_only = false;
    unsigned port = 0;
};
std::vector<Listener> find_listeners(const std::string& proc);

/// Lines of /proc/net/tcp and tcp6.
std::vector<Listener> parse_listeners(std::string_view table);

/// Root's, and nobody else can write it: it may be run.
bool is_roots_program(const std::string& path);

inline constexpr const char* ssh_keygen_path = "/usr/bin/ssh-keygen";

} // namespace sshpermd
