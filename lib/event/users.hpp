// Users: how each account stands, in pages for those who ask.
#pragma once

#include "event/user_state.hpp"

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sshpermd {

/// An account that the daemon knows; one that the configuration leaves out, too.
struct Resident {
    std::string name;
    uid_t uid = 0;
    std::string home; ///< bytes, as the file system has them
};

/// All accounts at one moment. The roster changes seldom and is shared.
struct UserList {
    using Roster = std::vector<Resident>; ///< in any order; no name where nobody is
    std::shared_ptr<const Roster> roster;
    std::vector<std::optional<UserState>> states; ///< of each; nothing: not looked at yet
};

struct UserQuery {
    std::optional<UserState> state; ///< only those in it
    std::string after;              ///< only names behind this one, as bytes compare
};

/// One account in full.
struct UserDetails {
    Resident resident;
    std::optional<UserState> state;
    bool is_watched = false;
    bool is_flapping = false;
    std::vector<std::string> left; ///< paths of targets that are wrong and left as they are
};

inline constexpr std::size_t users_per_page = 1000;

/// One page (schema sshpermd.users/1), by name; `next` is for `after`, null on the last one.
std::string to_json(const UserList& list, const UserQuery& query);

/// Schema sshpermd.user/1.
std::string to_json(const UserDetails& user);

} // namespace sshpermd
