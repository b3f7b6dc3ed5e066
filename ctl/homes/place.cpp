#include "homes/place.hpp"

#include "event/text.hpp"
#include "explain/person.hpp"
#include "homes/survey.hpp"
#include "reconcile/request.hpp"
#include "system/account_database.hpp"

#include <optional>
#include <string_view>
#include <utility>

namespace sshpermd {

namespace {

std::optional<Place> find_place(const std::string& user, const Config& config,
                                std::shared_ptr<const Accounts> accounts, uid_t uid_min) {
    for (auto& home : find_homes(accounts, config, uid_min))
        if (home.account->name == user)
            return Place{config, std::move(accounts), std::move(home),
                         config.users.min_uid.value_or(uid_min)};
    return std::nullopt;
}

} // namespace

Place place_for(const std::string& user, const Config& config) {
    const auto accounts = read_accounts(config.home_roots);
    const auto uid_min = read_uid_min();
    if (auto place = find_place(user, config, accounts, uid_min))
        return *std::move(place);
    throw UnknownUser(why_unknown(user, *accounts, config, uid_min));
}

Place place_in(const Image& image, const std::string& user, const Config& config) {
    if (auto place = find_place(user, config, image.generation(), image.uid_min()))
        return *std::move(place);
    throw UnknownUser(why_unknown_in(image, user, config));
}

std::string why_unknown_in(const Image& image, const std::string& user, const Config& config) {
    if (image.accounts().by_name(user) != nullptr)
        return why_unknown(user, image.accounts(), config, image.uid_min());
    std::string why =
        "there is no account called " + printable(user) + " in " + image.path() + "/etc/passwd";
    const char* separator = "; did you mean ";
    for (const auto& likely : likely_users(user, image.accounts().all())) {
        why += separator + printable(likely);
        separator = " or ";
    }
    return why + (std::string_view{separator} == " or " ? "?" : "");
}

} // namespace sshpermd
