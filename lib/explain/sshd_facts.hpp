// sshd facts: which sshd there is, whether it runs and could start, and how it is configured.
#pragma once

#include "explain/sshd_settings.hpp"
#include "system/inquirer.hpp"
#include "system/sshd_in_force.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sshpermd {

struct SshdFacts : SshdInForce {
    std::vector<Listener> listeners;
    std::optional<Inquirer::Said> test;   ///< `sshd -t`; nothing when it did not answer
    std::optional<SshdSettings> settings; ///< `sshd -T` for this user; nothing without an answer
    bool accepts_private_groups = false;  ///< built with Debian's user-group-modes.patch
    bool depends_on_the_client = false;   ///< a Match asks where the client is
    bool may_take_patterns = true;        ///< in AuthorizedKeysFile: from OpenSSH 10.0 on
};

/// The first number of "OpenSSH_9.2p1"; nothing in a text without one.
std::optional<unsigned> openssh_release_in(std::string_view text);

/// `address` is where the client is, if that is known.
SshdFacts find_sshd_facts(const std::string& user, const std::optional<std::string>& address);

} // namespace sshpermd
