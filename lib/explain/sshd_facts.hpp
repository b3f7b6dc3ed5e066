// sshd facts: which sshd there is, whether it runs and could start, and how it is configured.
#pragma once

#include "explain/sshd_process.hpp"
#include "explain/sshd_settings.hpp"
#include "system/inquirer.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sshpermd {

struct SshdFacts {
    std::string program; ///< empty: there is none
    std::string config;  ///< the file; empty: there is none
    std::vector<SshdProcess> running;
    std::vector<Listener> listeners;
    std::optional<Inquirer::Said> test;   ///< `sshd -t`; nothing when it did not answer
    std::optional<SshdSettings> settings; ///< `sshd -T` for this user; nothing without an answer
    bool accepts_private_groups = false;  ///< built with Debian's user-group-modes.patch
    bool depends_on_the_client = false;   ///< a Match asks where the client is
};

/// `address` is where the client is, if that is known.
SshdFacts find_sshd_facts(const std::string& user, const std::optional<std::string>& address);

} // namespace sshpermd
