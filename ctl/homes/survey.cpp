#include "homes/survey.hpp"

#include "homes/place.hpp"
#include "reconcile/request.hpp"
#include "system/account_database.hpp"
#include "system/glance.hpp"
#include "system/image.hpp"

#include <algorithm>
#include <future>
#include <optional>
#include <system_error>
#include <utility>

namespace sshpermd {
namespace {

std::vector<Home> chosen(std::vector<Home> homes, const std::vector<std::string>& users,
                         const std::function<std::string(const std::string&)>& why) {
    if (users.empty())
        return homes;
    for (const auto& user : users) {
        const auto is_user = [&](const Home& home) { return home.account->name == user; };
        if (std::none_of(homes.begin(), homes.end(), is_user))
            throw UnknownUser(why(user));
    }
    std::erase_if(homes, [&](const Home& home) {
        return std::find(users.begin(), users.end(), home.account->name) == users.end();
    });
    return homes;
}

std::vector<std::string> roots_of(const Config& config, const std::vector<Home>& homes,
                                  bool named_only) {
    std::vector<std::string> roots = named_only ? std::vector<std::string>{} : config.home_roots;
    for (const auto& home : homes)
        if (std::find(roots.begin(), roots.end(), home.root()) == roots.end())
            roots.push_back(home.root());
    return roots;
}

constexpr std::size_t worth_a_thread = 512;

void keep_or_count(Check& check, const Report& report, const Accounts& accounts, Keep keep) {
    if (keep == Keep::not_compliant && std::holds_alternative<Compliant>(report.finding) &&
        report.action == Action::none && !report.failure)
        ++check.summary.compliant;
    else
        check.add(check_finding(report, accounts));
}

/// Where it is on this machine.
void name_as_here(Report& report, const Image* image) {
    if (image != nullptr)
        report.path = image->path() + report.path;
}

/// How many targets of a home are compliant, if they all are and there is nothing else to say of
/// it: so it is with most, and a glance sees it for half the price of a round.
std::optional<std::size_t> count_if_plainly_right(const Eye& eye, const RootRound& root,
                                                  const Home& home, const Config& config) {
    const auto plain = plain_of(home);
    if (!root.is_plain() || !plain || config.private_keys || config.client_config)
        return std::nullopt;
    const auto seen = eye.glance(*root.dir, home.name(), &*plain);
    if (!seen || !seen->is_plainly_right || !seen->has_first_key_file)
        return std::nullopt;
    constexpr std::size_t home_and_ssh_dir = 2;
    return home_and_ssh_dir + seen->key_files;
}

/// Looking only: each thread has a part of the homes and a Machine of its own.
std::vector<Check> look_in_parallel(const Config& config, const Accounts& accounts,
                                    const RootRound& root, const std::string& path,
                                    const std::vector<Home>& homes, Keep keep,
                                    const Assistance& with) {
    const auto count = std::min(glancing_threads, 1 + homes.size() / worth_a_thread);
    const auto root_group = resolve_group(accounts, config.home_root_group);
    std::vector<Check> parts(count);
    const auto look = [&](std::size_t index) {
        Machine machine;
        machine.image = with.image;
        Round round{machine, config, accounts, root_group, Hand::look};
        if (with.memory != nullptr)
            round.remember_in(*with.memory, Learn::nothing); // read only, so shared by all threads
        const Eye eye{machine.kernel, config.key_files, 0};
        Check part;
        for (auto i = index * homes.size() / count; i < (index + 1) * homes.size() / count; ++i) {
            if (homes[i].root() != path)
                continue;
            const auto right = keep == Keep::not_compliant
                                   ? count_if_plainly_right(eye, root, homes[i], config)
                                   : std::nullopt;
            if (right) {
                part.summary.compliant += *right;
                continue;
            }
            for (auto& report : round.home(root, homes[i]).reports) {
                name_as_here(report, with.image);
                keep_or_count(part, report, accounts, keep);
            }
        }
        parts[index] = std::move(part);
    };
    std::vector<std::future<void>> others; // a future brings an exception home
    for (std::size_t index = 1; index < count; ++index) {
        try {
            others.push_back(std::async(std::launch::async, look, index));
        } catch (const std::system_error&) { // no thread more
            look(index);
        }
    }
    look(0);
    for (auto& other : others)
        other.get();
    return parts;
}

} // namespace

Check survey(const Config& config, const std::vector<std::string>& users, Hand hand, Keep keep,
             const Assistance& with) {
    const auto generation =
        with.image == nullptr ? read_accounts(config.home_roots) : with.image->generation();
    const auto& accounts = *generation;
    const auto uid_min = with.image == nullptr ? read_uid_min() : with.image->uid_min();
    const auto homes =
        chosen(find_homes(generation, config, uid_min), users, [&](const std::string& user) {
            return with.image == nullptr ? why_unknown(user, accounts, config, uid_min)
                                         : why_unknown_in(*with.image, user, config);
        });

    Check result;
    result.summary.users = homes.size();
    Machine machine;
    machine.in_flight = with.in_flight;
    machine.image = with.image;
    Round round{machine, config, accounts, resolve_group(accounts, config.home_root_group), hand};
    if (with.memory != nullptr)
        round.remember_in(*with.memory, hand == Hand::repair ? Learn::content : Learn::nothing);
    round.word = with.word;
    const auto add = [&](Report report) {
        name_as_here(report, with.image);
        if (with.each)
            with.each(report, accounts);
        keep_or_count(result, report, accounts, keep);
    };
    for (const auto& path : roots_of(config, homes, !users.empty())) {
        const auto root = round.root(path);
        if (path != "/")
            add(root.report);
        if (hand == Hand::look && homes.size() >= worth_a_thread) {
            for (auto& part : look_in_parallel(config, accounts, root, path, homes, keep, with))
                result.add_all(std::move(part));
            continue;
        }
        for (const auto& home : homes)
            if (home.root() == path)
                for (const auto& report : round.home(root, home).reports)
                    add(report);
    }
    return result;
}

} // namespace sshpermd
