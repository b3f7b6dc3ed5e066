// What sshd itself says of its configuration.
#pragma once

#include "system/inquirer.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace sshpermd {

struct SshdQuestion {
    std::vector<std::string> programs{"/usr/sbin/sshd", "/usr/bin/sshd"};
    std::string config;
    std::string user; ///< one that can_be_asked()
    std::chrono::milliseconds deadline{2000};
    std::string host = "localhost"; ///< where the user comes from
    std::string address = "127.0.0.1";
    std::vector<std::string> arguments{}; ///< what sshd was started with besides: "-o", "X=Y"
};

/// The command that prints the effective configuration; `dump` is "-T" or "-G".
std::vector<std::string> dump_command(const std::string& program, const std::string& dump,
                                      const SshdQuestion& question);

/// The effective configuration for a user: `sshd -T -C`, or `sshd -G -C`,
/// which from OpenSSH 9.3 on needs neither host keys nor /run/sshd. Nothing without an answer.
std::optional<std::string> ask_sshd(Inquirer& inquirer, const SshdQuestion& question);

} // namespace sshpermd
