// sshd facts: which sshd there is, whether it runs and could start, and how it is configured.
#pragma once

#include "explain/sshd_settings.hpp"
#include "system/inquirer.hpp"
#include "system/sshd_in_force.hpp"
#include "system/sysroot.hpp"

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
    std::string silence;     ///< of an image: why there are no settings, a sentence without its end
    std::string answered_by; ///< of an image: that another version answered; may be empty
};

/// The first number of "OpenSSH_9.2p1"; nothing in a text without one.
std::optional<unsigned> openssh_release_in(std::string_view text);

/// The highest of all of them: a program has its own and those of older ones that it knows.
std::optional<unsigned> highest_openssh_release_in(std::string_view text);

/// `address` is where the client is, if that is known.
SshdFacts find_sshd_facts(const std::string& user, const std::optional<std::string>& address);

/// The same of an image: its own program is only read, and this machine's answers for it.
SshdFacts find_image_sshd_facts(const Sysroot& root, const std::string& user,
                                const std::optional<std::string>& address);

} // namespace sshpermd
