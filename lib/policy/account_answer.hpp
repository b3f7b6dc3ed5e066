// Account answers: what the daemon asks of the account database through a child process, what that
// answers, and both as the bytes between them.
#pragma once

#include "policy/account.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sshpermd {

struct AccountQuestion {
    std::vector<std::string> home_roots; ///< whose directories are asked for by name
    std::vector<std::string> accounts;   ///< known: asked for by name when they are not listed
    std::vector<std::string> groups;     ///< the same
    std::vector<std::string> services;   ///< that have answered before, as AccountAnswer has them

    friend bool operator==(const AccountQuestion&, const AccountQuestion&) = default;
};

struct AccountAnswer {
    int error = 0; ///< errno of an enumeration that failed: then there is nothing else
    bool has_silent_service = false;   ///< one of nsswitch.conf's services does not answer
    std::vector<std::string> services; ///< those that do: "passwd:files", "group:sss"
    std::vector<Account> accounts;
    std::vector<Group> groups;
    /// Known, not listed, and a service that has answered before does not say "not found". One
    /// that never has cannot be where they come from.
    std::vector<std::string> undecided_accounts;
    std::vector<std::string> undecided_groups;

    friend bool operator==(const AccountAnswer&, const AccountAnswer&) = default;
};

/// What is read of an answer at most, and what it may hold.
inline constexpr std::size_t max_account_answer = std::size_t{64} << 20U;
inline constexpr std::size_t max_account_entries = 1'000'000; ///< of each list
inline constexpr std::size_t max_group_members = 4'000'000;   ///< of all groups together

std::string to_bytes(const AccountQuestion& question);
std::string to_bytes(const AccountAnswer& answer);

/// Nothing for bytes that to_bytes() would not give: cut short, too long, an empty name, a NUL in
/// one, another version. Whoever made them, nothing is allocated that they do not fill.
std::optional<AccountQuestion> parse_account_question(std::string_view bytes);
std::optional<AccountAnswer> parse_account_answer(std::string_view bytes);

/// A new generation: the answer, and of those known before whoever it is undecided about.
Accounts generation(AccountAnswer answer, const Accounts* known);

/// Whoever is known, and whoever /etc/passwd and /etc/group name besides, while the rest of the
/// account database does not answer.
Accounts with_local(const Accounts& known, const Accounts& local);

} // namespace sshpermd
