#include "system/account_database.hpp"

#include "policy/homes.hpp"

#include <dirent.h>
#include <grp.h>
#include <pwd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>
#include <unordered_set>
#include <utility>

namespace sshpermd {
namespace {

Account account_of(const passwd& entry) {
    return {entry.pw_name, entry.pw_uid, entry.pw_gid, entry.pw_dir};
}

[[noreturn]] void fail(const char* doing) {
    throw std::system_error(errno, std::generic_category(), doing);
}

bool is_end(int error) { return error == 0 || error == ENOENT; }

std::vector<Account> enumerate_accounts() {
    std::vector<Account> accounts;
    setpwent();
    for (;;) {
        errno = 0;
        const auto* const entry = getpwent();
        if (entry == nullptr)
            break;
        accounts.push_back(account_of(*entry));
    }
    const auto error = errno;
    endpwent();
    if (!is_end(error) || accounts.empty()) {
        errno = error == 0 ? ENOENT : error;
        fail("read the account database (getpwent)");
    }
    return accounts;
}

std::vector<Group> enumerate_groups() {
    std::vector<Group> groups;
    setgrent();
    for (;;) {
        errno = 0;
        const auto* const entry = getgrent();
        if (entry == nullptr)
            break;
        Group group{entry->gr_name, entry->gr_gid, {}};
        for (auto* const* member = entry->gr_mem; *member != nullptr; ++member)
            group.members.emplace_back(*member);
        groups.push_back(std::move(group));
    }
    const auto error = errno;
    endgrent();
    if (!is_end(error)) {
        errno = error;
        fail("read the group database (getgrent)");
    }
    return groups;
}

std::vector<std::string> directories_below(const std::string& root) {
    std::vector<std::string> names;
    auto* const dir = opendir(root.c_str());
    if (dir == nullptr)
        return names;
    while (const auto* const entry = readdir(dir)) {
        const bool may_be_dir = entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN;
        if (may_be_dir && entry->d_name[0] != '.')
            names.emplace_back(entry->d_name);
    }
    closedir(dir);
    return names;
}

/// Accounts whose homes exist but whom nobody enumerated. The directory's name is only a question:
/// the answer counts when its pw_dir is that very directory, as for every account.
void add_unlisted(const std::vector<std::string>& home_roots, std::vector<Account>& accounts) {
    std::unordered_set<std::string> homes;
    for (const auto& account : accounts)
        homes.insert(account.home);
    for (const auto& root : home_roots) {
        for (const auto& name : directories_below(root)) {
            if (homes.contains(root + "/" + name))
                continue;
            const auto* const entry = getpwnam(name.c_str());
            const auto listed = [&](const Account& account) { return account.name == name; };
            if (entry != nullptr && std::none_of(accounts.begin(), accounts.end(), listed))
                accounts.push_back(account_of(*entry));
        }
    }
}

} // namespace

std::shared_ptr<const Accounts> read_accounts(const std::vector<std::string>& home_roots) {
    auto accounts = enumerate_accounts();
    add_unlisted(home_roots, accounts);
    return std::make_shared<const Accounts>(std::move(accounts), enumerate_groups());
}

uid_t read_uid_min() {
    std::ifstream file{"/etc/login.defs"};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    return uid_min_of(text);
}

gid_t resolve_group(const Accounts& accounts, const std::string& name) {
    if (const auto gid = accounts.group_gid(name))
        return *gid;
    throw ConfigError("\"/policy/home_root/group\": there is no group \"" + name +
                      "\" on this machine");
}

} // namespace sshpermd
