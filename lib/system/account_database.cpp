#include "system/account_database.hpp"

#include "policy/homes.hpp"
#include "system/home_root.hpp"

#include <dirent.h>
#include <fcntl.h>
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
    std::unordered_set<std::string> names;
    setpwent();
    for (;;) {
        errno = 0;
        const auto* const entry = getpwent();
        if (entry == nullptr)
            break;
        if (names.emplace(entry->pw_name).second) // listed by two sources, it is still one account
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

/// Read through the checked way: opendir(3) would follow anybody's link and ask any server.
std::vector<std::string> directories_below(Machine& machine, const std::string& root) {
    std::vector<std::string> names;
    UniqueFd fd;
    try {
        const auto opened = open_home_root(machine, root);
        if (const auto* const handle = std::get_if<Handle>(&opened))
            fd = UniqueFd{
                openat(handle->fd(), ".", O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC)};
    } catch (const std::system_error&) { // the round over this root says what is wrong with it
        return names;
    }
    auto* const dir = fd ? fdopendir(fd.get()) : nullptr;
    if (dir == nullptr)
        return names;
    fd.release();
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
    Machine machine;
    for (const auto& root : home_roots) {
        for (const auto& name : directories_below(machine, root)) {
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
    std::string text;
    try {
        std::ifstream file{"/etc/login.defs"};
        text.assign(std::istreambuf_iterator<char>{file}, {});
    } catch (const std::ios_base::failure&) { // a directory, or a disk that cannot be read
        text.clear();
    }
    return uid_min_of(text);
}

gid_t resolve_group(const Accounts& accounts, const std::string& name) {
    if (const auto gid = accounts.group_gid(name))
        return *gid;
    throw ConfigError("\"/policy/home_root/group\": there is no group \"" + name +
                      "\" on this machine");
}

} // namespace sshpermd
