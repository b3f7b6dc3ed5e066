#include "system/account_database.hpp"

#include "policy/account_files.hpp"
#include "policy/homes.hpp"
#include "system/home_root.hpp"
#include "system/name_service.hpp"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
#include <unordered_set>
#include <utility>

namespace sshpermd {
namespace {

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

using Names = std::unordered_set<std::string>;

template <typename T>
Names names_of(const std::vector<T>& entries) {
    Names names;
    for (const auto& entry : entries)
        names.insert(entry.name);
    return names;
}

/// Accounts whose homes exist but whom nobody enumerated. The directory's name is only a question:
/// the answer counts when its pw_dir is that very directory, as for every account.
void add_unlisted(const std::vector<std::string>& home_roots, std::vector<Account>& accounts,
                  Names& names) {
    Names homes;
    for (const auto& account : accounts)
        homes.insert(account.home);
    Machine machine;
    for (const auto& root : home_roots) {
        for (const auto& name : directories_below(machine, root)) {
            std::optional<Account> account;
            if (homes.contains(root + "/" + name) || names.contains(name) ||
                find_account(name, account) != Found::yes || !account)
                continue;
            if (names.insert(account->name).second)
                accounts.push_back(std::move(*account));
        }
    }
}

/// Adds those of the known that are found by name, and says about whom nobody can tell.
/// `absent`: of these NSS says that they do not exist.
template <typename T, typename Find>
std::vector<std::string> add_known(const std::vector<std::string>& known, std::vector<T>& entries,
                                   Names& names, std::vector<std::string>& absent, Find find) {
    std::vector<std::string> undecided;
    for (const auto& name : known) {
        if (names.contains(name))
            continue;
        std::optional<T> entry;
        switch (find(name, entry)) {
        case Found::yes:
            if (entry && names.insert(entry->name).second)
                entries.push_back(std::move(*entry));
            break;
        case Found::no: absent.push_back(name); break;
        case Found::cannot_tell: undecided.push_back(name); break;
        }
    }
    return undecided;
}

/// What each service alone says. Look-ups in this process are not what they were afterwards.
class ServiceByService {
  public:
    explicit ServiceByService(const std::string& database)
        : database_(database), services_(services_of_this_machine(database)) {}

    /// Takes those out of `absent` that a service has, or cannot tell about; returns them.
    template <typename T, typename Find>
    std::vector<T> take_undecided(std::vector<T>& absent, Find find) const {
        std::vector<T> undecided;
        for (const auto& service : services_) {
            ask_only(database_, service);
            const auto certain = std::stable_partition(
                absent.begin(), absent.end(), [&](const T& one) { return find(one) == Found::no; });
            std::move(certain, absent.end(), std::back_inserter(undecided));
            absent.erase(certain, absent.end());
        }
        return undecided;
    }

    /// Root is looked up: whoever does not have it says so.
    bool any_is_silent() const {
        return std::any_of(services_.begin(), services_.end(), [&](const std::string& service) {
            ask_only(database_, service);
            return find_uid(0) == Found::cannot_tell;
        });
    }

  private:
    std::string database_;
    std::vector<std::string> services_;
};

void append(std::vector<std::string>& names, std::vector<std::string> more) {
    std::move(more.begin(), more.end(), std::back_inserter(names));
}

std::string text_of(const char* path) {
    std::ifstream file{path};
    std::string text{std::istreambuf_iterator<char>{file}, {}};
    if (!file.good() && !file.eof())
        throw std::system_error(errno == 0 ? EIO : errno, std::generic_category(), path);
    return text;
}

Found by_account_name(const std::string& name) {
    std::optional<Account> account;
    return find_account(name, account);
}

Found by_group_name(const std::string& name) {
    std::optional<Group> group;
    return find_group(name, group);
}

} // namespace

std::shared_ptr<const Accounts> read_accounts(const std::vector<std::string>& home_roots) {
    auto accounts = list_accounts();
    auto names = names_of(accounts);
    add_unlisted(home_roots, accounts, names);
    return std::make_shared<const Accounts>(std::move(accounts), list_groups());
}

AccountAnswer answer_account_question(const AccountQuestion& question) {
    AccountAnswer answer;
    try {
        answer.accounts = list_accounts();
        answer.groups = list_groups();
    } catch (const std::system_error& error) {
        answer.error = error.code().value();
        return answer;
    }
    auto names = names_of(answer.accounts);
    add_unlisted(question.home_roots, answer.accounts, names);
    std::vector<std::string> absent;
    answer.undecided_accounts =
        add_known(question.accounts, answer.accounts, names, absent, find_account);
    auto group_names = names_of(answer.groups);
    std::vector<std::string> absent_groups;
    answer.undecided_groups =
        add_known(question.groups, answer.groups, group_names, absent_groups, find_group);
    const bool has_root = find_uid(0) == Found::yes; // else it is the database that is gone
    if (has_root)
        std::copy_if(question.uids.begin(), question.uids.end(), std::back_inserter(answer.nobodys),
                     [](uid_t uid) { return find_uid(uid) == Found::no; });

    const ServiceByService users{"passwd"};
    append(answer.undecided_accounts, users.take_undecided(absent, by_account_name));
    users.take_undecided(answer.nobodys, find_uid);
    answer.has_silent_service = users.any_is_silent();
    append(answer.undecided_groups,
           ServiceByService{"group"}.take_undecided(absent_groups, by_group_name));
    return answer;
}

Accounts read_local_accounts() {
    return parse_account_files(text_of("/etc/passwd"), text_of("/etc/group"));
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
