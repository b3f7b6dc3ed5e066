#include "survey.hpp"

#include "event/text.hpp"
#include "system/account_database.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace sshpermd {
namespace {

std::string why_unknown(const std::string& user, const Accounts& accounts, const Config& config,
                        uid_t uid_min) {
    const auto name = printable(user);
    const auto* const account = accounts.by_name(user);
    if (account == nullptr)
        return "there is no account called " + name + " on this machine";
    if (!config.includes(user))
        return name + " is left alone by the configuration (users or overrides)";
    const auto lowest = config.users.min_uid.value_or(uid_min);
    if (account->uid < lowest)
        return name + " is not looked after: uid " + std::to_string(account->uid) + " is below " +
               std::to_string(lowest) +
               (account->uid == 0 ? " (set users.root to include root)" : " (users.min_uid)");
    return name + " is not looked after: the home " + printable(account->home) +
           " is not directly below a home root (home_roots)";
}

std::vector<Home> chosen(std::vector<Home> homes, const std::vector<std::string>& users,
                         const std::function<std::string(const std::string&)>& why) {
    if (users.empty())
        return homes;
    for (const auto& user : users) {
        const auto is_user = [&](const Home& home) { return home.account.name == user; };
        if (std::none_of(homes.begin(), homes.end(), is_user))
            throw UnknownUser(why(user));
    }
    std::erase_if(homes, [&](const Home& home) {
        return std::find(users.begin(), users.end(), home.account.name) == users.end();
    });
    return homes;
}

std::vector<std::string> roots_of(const Config& config, const std::vector<Home>& homes,
                                  bool named_only) {
    std::vector<std::string> roots = named_only ? std::vector<std::string>{} : config.home_roots;
    for (const auto& home : homes)
        if (std::find(roots.begin(), roots.end(), home.root) == roots.end())
            roots.push_back(home.root);
    return roots;
}

} // namespace

Survey survey(const Config& config, const std::vector<std::string>& users, Hand hand,
              const std::function<void(const Report&, const Accounts&)>& each) {
    Survey result;
    result.accounts = read_accounts(config.home_roots);
    const auto& accounts = *result.accounts;
    const auto uid_min = read_uid_min();
    result.homes =
        chosen(find_homes(accounts, config, uid_min), users, [&](const std::string& user) {
            return why_unknown(user, accounts, config, uid_min);
        });

    Machine machine;
    Round round{machine, config, accounts, resolve_group(accounts, config.home_root_group), hand};
    const auto add = [&](Report&& report) {
        if (each)
            each(report, accounts);
        result.reports.push_back(std::move(report));
    };
    for (const auto& path : roots_of(config, result.homes, !users.empty())) {
        auto root = round.root(path);
        if (path != "/")
            add(std::move(root.report));
        for (const auto& home : result.homes)
            if (home.root == path)
                for (auto& report : round.home(root, home).reports)
                    add(std::move(report));
    }
    return result;
}

} // namespace sshpermd
