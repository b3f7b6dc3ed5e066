#include "policy/config.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <utility>

namespace sshpermd {
namespace {

bool any_matches(const std::vector<std::string>& globs, std::string_view user) {
    const std::string name{user};
    return std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) {
        return fnmatch(glob.c_str(), name.c_str(), 0) == 0;
    });
}

} // namespace

std::string_view word(Operation operation) {
    return operation == Operation::repair ? "repair" : "observe";
}

const Rule& AccountPolicy::rule(Target target) const {
    switch (target) {
    case Target::ssh_dir: return ssh_dir;
    case Target::authorized_keys: return authorized_keys;
    case Target::private_key: return private_key;
    case Target::ssh_config: return ssh_config;
    case Target::home_root:
    case Target::home: break;
    }
    return home;
}

Rule& AccountPolicy::rule(Target target) {
    return const_cast<Rule&>(std::as_const(*this).rule(target)); // this one is not const
}

const AccountPolicy& Config::policy_for(std::string_view user) const {
    const auto found =
        std::find_if(overrides.begin(), overrides.end(),
                     [&](const Override& candidate) { return any_matches(candidate.users, user); });
    return found == overrides.end() ? policy : found->policy;
}

bool Config::includes(std::string_view user) const {
    return any_matches(users.include, user) && !any_matches(users.exclude, user) &&
           !policy_for(user).ignore;
}

} // namespace sshpermd
