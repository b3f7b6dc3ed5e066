// Suggestions: the override that leaves a home as open as it is, or another target as it is.
#pragma once

#include "policy/config.hpp"

#include <string>

namespace sshpermd {

enum class HomeGroup { its_own, another };

/// One line of JSON, an entry for `overrides`, that keeps a home at `today`'s mode, or as near to
/// it as sshd allows. It is first in its list, so it says again what the override in force until
/// now says. A home that is open to a group that is not its account's is left alone: no override
/// sets a group.
std::string override_that_keeps(const Config& config, const std::string& user, Mode today,
                                HomeGroup group);

/// The same for a home that is left alone, whatever it is.
std::string override_that_ignores_home(const Config& config, const std::string& user);

/// The same for any target of the account's, whatever it is.
std::string override_that_ignores(const Config& config, const std::string& user, Target target);

/// The same for any target of the account's: that mode is no drift any more. Pre: nobody but the
/// owner may write with it, or the configuration is refused.
std::string override_that_accepts(const Config& config, const std::string& user, Target target,
                                  Mode today);

/// The same for a target with an owner or a group that no override can name: whatever sshd accepts
/// is no drift any more.
std::string override_that_accepts_what_sshd_does(const Config& config, const std::string& user,
                                                 Target target);

/// A glob that matches this name and no other.
std::string glob_of(const std::string& name);

} // namespace sshpermd
