#include "place.hpp"

#include "reconcile/request.hpp"
#include "survey.hpp"
#include "system/account_database.hpp"

#include <utility>

namespace sshpermd {

Place place_for(const std::string& user, const Config& config) {
    const auto accounts = read_accounts(config.home_roots);
    const auto uid_min = read_uid_min();
    for (auto& home : find_homes(*accounts, config, uid_min))
        if (home.account.name == user)
            return {config, accounts, std::move(home), config.users.min_uid.value_or(uid_min)};
    throw UnknownUser(why_unknown(user, *accounts, config, uid_min));
}

} // namespace sshpermd
