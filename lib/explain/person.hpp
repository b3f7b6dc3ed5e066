// Person: what the account database says of one user, as far as sshd and PAM look at it.
#pragma once

#include "policy/account.hpp"
#include "system/image.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sshpermd {

/// shadow(5); days since 1970, -1 where nothing is said.
struct Shadow {
    std::string password; ///< encrypted
    long changed = -1;
    long most_days = -1;
    long inactive_days = -1;
    long expires = -1;
};

struct Person {
    Account account;
    std::string shell;               ///< as it stands there
    std::string password;            ///< "x" when it is in shadow
    std::vector<std::string> groups; ///< names of all of them
    std::optional<Shadow> shadow;    ///< nothing without one, or without the right to see it
};

/// Asks NSS; blocks as it does. Nothing when there is nobody of that name.
std::optional<Person> find_person(const std::string& name);

/// The same of an image's etc/passwd, etc/group and etc/shadow.
std::optional<Person> find_person_in(const Image& image, const std::string& name);

/// Those that are nearest to a name that nobody has, and the default users of machine images that
/// this machine has, each once, the best first.
std::vector<std::string> likely_users(std::string_view name, const std::vector<Account>& accounts);

/// Is this the default user of a machine image: ec2-user, ubuntu, admin, …?
bool is_default_user(std::string_view name);

} // namespace sshpermd
