// Chroots: homes that sshd wants to belong to root.
#pragma once

#include "policy/account.hpp"
#include "system/inquirer.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace sshpermd {

/// What sshd is configured to confine. One for a machine; remembers what sshd answered, so that a
/// look at many homes of root's does not start it for each of them anew (15 ms a start). Not for
/// use by two threads.
class Chroots {
  public:
    struct Places {
        /// The first that exists counts: openSUSE keeps the distributor's in /usr/etc.
        std::vector<std::string> configs{"/etc/ssh/sshd_config", "/usr/etc/ssh/sshd_config"};
        std::vector<std::string> programs{"/usr/sbin/sshd", "/usr/bin/sshd"};
        std::chrono::milliseconds deadline{2000};
    };

    Chroots() = default;
    explicit Chroots(Places places) : places_(std::move(places)) {}

    /// Does sshd confine this account to a ChrootDirectory that its home is, is part of, or
    /// contains? Such a home must belong to root, and giving it away would end the account's
    /// sessions (session.c safely_chroot() of OpenSSH). First the configuration files are searched
    /// for the word; only where it occurs, or a file cannot be read or understood, the effective
    /// setting is asked of `sshd -T -C`, then of `sshd -G -C`, which from OpenSSH 9.3 on needs
    /// neither host keys nor /run/sshd. True also when that cannot be told: no sshd, or it fails
    /// or does not answer in time, or the user's name is none that -C could carry. After such a
    /// silence nothing is asked for a minute, unless a file has changed.
    ///
    /// Not seen: a Match of an address, host or port other than localhost's, and what the command
    /// line of the running sshd says with -o or -f.
    bool may_confine(const Account& account);

  private:
    using Clock = std::chrono::steady_clock;
    struct Answer {
        std::string setting; ///< "none", or a path with tokens
        Clock::time_point until;
    };

    std::optional<std::string> setting_for(const Account& account);
    std::optional<std::string> ask(const std::string& config, const std::string& user);

    Places places_;
    Inquirer inquirer_;
    std::string stamp_; ///< of all files as they were when the answers were given
    std::unordered_map<std::string, Answer> answers_; ///< by user; "" for everybody
    Clock::time_point silent_until_{};
};

} // namespace sshpermd
