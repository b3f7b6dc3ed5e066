// Accounts: the machine's users and groups as one reading of NSS gave them.
#pragma once

#include "policy/rare.hpp"

#include <sys/types.h>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sshpermd {

struct Account {
    std::string name;
    uid_t uid = 0;
    gid_t gid = 0;
    std::string home; ///< pw_dir as it stands in the account database

    friend bool operator==(const Account&, const Account&) = default;
};

/// Who belongs to a group by name, besides those whose primary one it is. Of a hundred thousand
/// groups nearly all are a user's own and have none: then it takes the room of a pointer.
class Members {
  public:
    Members() = default;
    Members(std::initializer_list<std::string_view> names);

    void add(std::string_view name);
    std::span<const std::string> all() const;
    bool has(std::string_view name) const;

    friend bool operator==(const Members& a, const Members& b);

  private:
    Rare<std::vector<std::string>> names_; ///< never empty
};

struct Group {
    std::string name;
    gid_t gid = 0;
    Members members;

    friend bool operator==(const Group&, const Group&) = default;
};

/// Whom a reading has. What /etc/passwd alone says proves nothing about who is not in it.
enum class Coverage { everybody, local_only };

/// One generation of accounts: a value, never changed after it was built, so that a round needs no
/// look-up by name (name look-ups are 94 % of the time `find` takes for the same work).
class Accounts {
  public:
    Accounts() = default;
    Accounts(std::vector<Account> accounts, std::vector<Group> groups,
             Coverage coverage = Coverage::everybody);
    Accounts(Accounts&&) = default;
    Accounts& operator=(Accounts&&) = default;
    Accounts(const Accounts&) = delete; // nobody needs two of the same generation
    Accounts& operator=(const Accounts&) = delete;
    ~Accounts() = default;

    const std::vector<Account>& all() const { return accounts_; }
    const std::vector<Group>& groups() const { return groups_; }
    bool has_everybody() const { return coverage_ == Coverage::everybody; }
    const Account* by_name(std::string_view name) const;

    /// The first account with this uid, or nothing.
    std::optional<std::string_view> user_name(uid_t uid) const;
    std::optional<std::string_view> group_name(gid_t gid) const;
    std::optional<gid_t> group_gid(std::string_view name) const;

    /// Is somebody other than `uid` (and root) in the group, by primary gid or as a member? A group
    /// that nobody knows counts as having others, and so does every group while not everybody is
    /// known.
    bool others_in_group(gid_t gid, uid_t uid) const;

    /// Does the process of a login of this account have the group?
    bool in_group(const Account& account, gid_t gid) const;

    friend bool operator==(const Accounts& a, const Accounts& b) {
        return a.accounts_ == b.accounts_ && a.groups_ == b.groups_ && a.coverage_ == b.coverage_;
    }

  private:
    template <typename Is>
    bool any_member(gid_t gid, Is is) const;

    std::vector<Account> accounts_;
    std::vector<Group> groups_;
    Coverage coverage_ = Coverage::everybody;
    // Indices, sorted; of equals the first comes first. A hash map takes ten times the room.
    std::vector<std::uint32_t> by_uid_;     ///< into accounts_
    std::vector<std::uint32_t> by_name_;    ///< into accounts_
    std::vector<std::uint32_t> by_primary_; ///< into accounts_, by gid
    std::vector<std::uint32_t> by_gid_;     ///< into groups_
};

} // namespace sshpermd
