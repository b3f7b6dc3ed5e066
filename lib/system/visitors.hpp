// Visitors: who besides its account reaches a home today, and would not once it is narrowed.
#pragma once

#include "policy/account.hpp"
#include "policy/mode.hpp"

#include <string>
#include <vector>

namespace sshpermd {

/// A home that a repair would change.
struct Narrowing {
    std::string root; ///< as configured
    std::string name;
    Account account;
    Mode then; ///< its mode after the repair; its group then is the account's

    std::string path() const { return (root == "/" ? "" : root) + "/" + name; }
};

/// Of each of the homes, in their order, who loses access to it: a process of another user that has
/// its working directory, its root or an open file in it, everybody else where it holds an open
/// public_html, www or public, and accounts whose own homes are below it. Half a sentence each, fit
/// for a terminal. root loses nothing, and neither does who cannot search the home today, unless an
/// ACL lets him.
///
/// A moment's look: who comes only now and then is not seen; without root's power over processes,
/// those of others are not, either. Asks no network and no FUSE server.
std::vector<std::vector<std::string>> visitors_of(const std::vector<Narrowing>& homes,
                                                  const Accounts& accounts,
                                                  const std::string& proc = "/proc");

} // namespace sshpermd
