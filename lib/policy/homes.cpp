#include "policy/homes.hpp"

#include "policy/name_index.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_set>
#include <utility>

namespace sshpermd {
namespace {

constexpr uid_t uid_nobody = 65534;
constexpr uid_t uid_invalid = static_cast<uid_t>(-1);

std::string_view without_trailing_slashes(std::string_view path) {
    while (path.size() > 1 && path.back() == '/')
        path.remove_suffix(1);
    return path;
}

/// Parent and last component, when the path is absolute and ends in a real name.
std::optional<std::pair<std::string_view, std::string_view>> split(std::string_view path) {
    const auto slash = path.rfind('/');
    if (slash == std::string_view::npos || path.front() != '/')
        return std::nullopt;
    const auto name = path.substr(slash + 1);
    if (name.empty() || name == "." || name == ".." || name.size() > 255)
        return std::nullopt;
    return std::pair{slash == 0 ? std::string_view{"/"} : path.substr(0, slash), name};
}

bool is_managed_root(const Config& config, std::string_view root) {
    return std::find(config.home_roots.begin(), config.home_roots.end(), root) !=
           config.home_roots.end();
}

/// Every directory above a home, up to "/": where the passage of that account leads through.
std::unordered_set<std::string_view> ancestors_of_homes(const Accounts& accounts) {
    std::unordered_set<std::string_view> above;
    for (const auto& account : accounts.all()) {
        auto path = without_trailing_slashes(account.home);
        for (auto at = split(path); at && at->first != "/"; at = split(path)) {
            path = without_trailing_slashes(at->first);
            if (!above.insert(path).second)
                break; // and so are those above it
        }
    }
    return above;
}

/// Which accounts have their homes where another one has its own, too.
std::vector<bool> sharers_among(const std::vector<Account>& accounts) {
    std::vector<bool> shares(accounts.size());
    NameIndex by_path;
    by_path.reserve(accounts.size());
    for (std::uint32_t i = 0; i < accounts.size(); ++i) {
        const auto path = without_trailing_slashes(accounts[i].home);
        const auto first = by_path.find(path, [&](std::uint32_t other) {
            return without_trailing_slashes(accounts[other].home) == path;
        });
        if (first)
            shares[i] = shares[*first] = true;
        else
            by_path.add(path, i);
    }
    return shares;
}

/// The first two words of a line of login.defs; quotes around the second do not count.
std::pair<std::string_view, std::string_view> split_words(std::string_view line) {
    constexpr std::string_view blanks = " \t\r\"";
    const auto next = [&] {
        line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
        const auto word = line.substr(0, line.find_first_of(blanks));
        line.remove_prefix(word.size());
        return word;
    };
    const auto first = next();
    return {first, next()};
}

/// As lib/getdef.c of shadow reads numbers: 1000, 0x3e8 or 01750.
std::optional<uid_t> read_uid(std::string_view text) {
    int base = 10;
    if (text.starts_with("0x") || text.starts_with("0X")) {
        base = 16;
        text.remove_prefix(2);
    } else if (text.starts_with("0")) {
        base = 8;
    }
    uid_t uid = 0;
    const auto* const end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, uid, base);
    if (error != std::errc{} || at != end || uid == uid_invalid)
        return std::nullopt;
    return uid;
}

/// With its home passable for others, if need be; and also as narrow as the policy has it, while
/// not everybody is known and the need is a guess.
std::shared_ptr<const AccountPolicy> share(AccountPolicy policy, bool is_passage,
                                           bool has_everybody) {
    if (!has_everybody)
        policy.home.accept.push_back(policy.home.mode);
    if (is_passage)
        policy.home.mode = policy.home.mode | Mode{0011};
    return std::make_shared<const AccountPolicy>(std::move(policy));
}

} // namespace

std::string Home::root() const {
    return std::string{split(without_trailing_slashes(account->home)).value().first};
}

std::string Home::name() const {
    return std::string{split(without_trailing_slashes(account->home)).value().second};
}

std::string Home::path() const { return std::string{without_trailing_slashes(account->home)}; }

std::vector<Home> find_homes(const std::shared_ptr<const Accounts>& generation,
                             const Config& config, uid_t uid_min) {
    const auto& accounts = *generation;
    const auto shares = sharers_among(accounts.all());
    const auto passages = ancestors_of_homes(accounts);
    const auto lowest = config.users.min_uid.value_or(uid_min);
    std::map<std::pair<const AccountPolicy*, bool>, std::shared_ptr<const AccountPolicy>> policies;

    std::vector<Home> homes;
    homes.reserve(accounts.all().size());
    for (std::size_t i = 0; i < accounts.all().size(); ++i) {
        const auto& account = accounts.all()[i];
        const auto path = without_trailing_slashes(account.home);
        const auto at = split(path);
        if (!at)
            continue;
        const bool is_roots_own = account.uid == 0 && config.users.root && at->first == "/";
        const bool is_ordinary = account.uid >= lowest && account.uid != uid_nobody &&
                                 account.uid != uid_invalid && is_managed_root(config, at->first);
        if ((!is_roots_own && !is_ordinary) || !config.includes(account.name))
            continue;

        const bool is_passage = !accounts.has_everybody() || passages.contains(path);
        auto& policy = policies[{&config.policy_for(account.name), is_passage}];
        if (!policy)
            policy = share(config.policy_for(account.name), is_passage, accounts.has_everybody());
        homes.push_back({{generation, &account}, policy, shares[i]});
    }
    return homes;
}

uid_t uid_min_of(std::string_view login_defs) {
    uid_t uid_min = 1000;
    while (!login_defs.empty()) {
        const auto end = login_defs.find('\n');
        const auto [key, value] = split_words(login_defs.substr(0, end));
        login_defs.remove_prefix(end == std::string_view::npos ? login_defs.size() : end + 1);
        if (key == "UID_MIN")
            uid_min = read_uid(value).value_or(uid_min);
    }
    return uid_min;
}

} // namespace sshpermd
