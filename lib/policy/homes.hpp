// Homes: which directories of a home root are whose home.
#pragma once

#include "policy/account.hpp"
#include "policy/config.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sshpermd {

/// A directory directly below a home root that is the home of exactly one account (or, with
/// `shared`, of several: then it is nobody's to repair).
struct Home {
    std::shared_ptr<const Account> account; ///< never null; keeps its generation
    /// Never null; passage for homes below it already laid in. One for all that have the same.
    std::shared_ptr<const AccountPolicy> policy;
    bool shared = false; ///< ambiguous_account: another account has the same home

    std::string root() const; ///< as configured, "/" for root's own home
    std::string name() const; ///< one path component
    std::string path() const; ///< ROOT/NAME, for people; never opened

    friend bool operator==(const Home& a, const Home& b) {
        return *a.account == *b.account && *a.policy == *b.policy && a.shared == b.shared;
    }
};

/// The homes that this configuration asks for, in the order of the account database.
/// A home is managed iff its account's pw_dir is ROOT/NAME, the uid is at least `uid_min` (unless
/// the configuration sets its own) and not that of nobody, and `users` and `overrides` include it.
/// A home that has another account's home somewhere below it keeps the search bit for others
/// (0711): narrowing it would lock that account out. While not everybody is known every home may
/// be such a one: it keeps the search bit if it has it.
std::vector<Home> find_homes(const std::shared_ptr<const Accounts>& generation,
                             const Config& config, uid_t uid_min);

/// UID_MIN of the text of login.defs(5); 1000 when it does not say.
uid_t uid_min_of(std::string_view login_defs);

} // namespace sshpermd
