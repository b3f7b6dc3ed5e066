#include "survey.hpp"

#include "event/text.hpp"
#include "system/account_database.hpp"

#include <algorithm>
#include <future>
#include <iterator>
#include <map>
#include <thread>
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

constexpr std::size_t worth_a_thread = 512;

struct Part {
    std::vector<Report> reports;
    std::size_t left_out = 0;
};

/// Looking only: each thread has a part of the homes and a Machine of its own.
std::vector<Part> look_in_parallel(const Config& config, const Accounts& accounts,
                                   const RootRound& root, const std::string& path,
                                   const std::vector<Home>& homes, Keep keep) {
    const std::size_t count = std::clamp(std::thread::hardware_concurrency(), 1U, 4U);
    const auto root_group = resolve_group(accounts, config.home_root_group);
    std::vector<Part> parts(count);
    const auto look = [&](std::size_t index) {
        Machine machine;
        Round round{machine, config, accounts, root_group, Hand::look};
        auto part = Part{};
        for (auto i = index * homes.size() / count; i < (index + 1) * homes.size() / count; ++i) {
            if (homes[i].root != path)
                continue;
            for (auto& report : round.home(root, homes[i]).reports) {
                if (keep == Keep::not_compliant &&
                    std::holds_alternative<Compliant>(report.finding) && !report.failure)
                    ++part.left_out;
                else
                    part.reports.push_back(std::move(report));
            }
        }
        parts[index] = std::move(part);
    };
    std::vector<std::future<void>> others; // a future brings an exception home
    for (std::size_t index = 1; index < count; ++index)
        others.push_back(std::async(std::launch::async, look, index));
    look(0);
    for (auto& other : others)
        other.get();
    return parts;
}

} // namespace

Survey survey(const Config& config, const std::vector<std::string>& users, Hand hand, Keep keep,
              const std::function<void(const Report&, const Accounts&)>& each,
              InFlight* in_flight) {
    Survey result;
    result.accounts = read_accounts(config.home_roots);
    const auto& accounts = *result.accounts;
    const auto uid_min = read_uid_min();
    result.homes =
        chosen(find_homes(accounts, config, uid_min), users, [&](const std::string& user) {
            return why_unknown(user, accounts, config, uid_min);
        });

    Machine machine;
    machine.in_flight = in_flight;
    Round round{machine, config, accounts, resolve_group(accounts, config.home_root_group), hand};
    const auto add = [&](Report&& report) {
        if (each)
            each(report, accounts);
        if (keep == Keep::not_compliant && std::holds_alternative<Compliant>(report.finding) &&
            !report.failure)
            ++result.left_out;
        else
            result.reports.push_back(std::move(report));
    };
    for (const auto& path : roots_of(config, result.homes, !users.empty())) {
        auto root = round.root(path);
        if (path != "/")
            add(std::move(root.report));
        if (hand == Hand::look && result.homes.size() >= worth_a_thread) {
            for (auto& part : look_in_parallel(config, accounts, root, path, result.homes, keep)) {
                result.left_out += part.left_out;
                std::move(part.reports.begin(), part.reports.end(),
                          std::back_inserter(result.reports));
            }
            continue;
        }
        for (const auto& home : result.homes)
            if (home.root == path)
                for (auto& report : round.home(root, home).reports)
                    add(std::move(report));
    }
    return result;
}

} // namespace sshpermd
