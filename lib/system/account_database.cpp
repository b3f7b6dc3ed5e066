#include "system/account_database.hpp"

#include "io/directory.hpp"
#include "io/file_stamp.hpp"
#include "policy/account_files.hpp"
#include "policy/homes.hpp"
#include "policy/name_index.hpp"
#include "system/home_root.hpp"
#include "system/name_service.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
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
    for_each_entry(std::move(fd), [&](const dirent& entry) {
        const bool may_be_dir = entry.d_type == DT_DIR || entry.d_type == DT_UNKNOWN;
        if (may_be_dir && entry.d_name[0] != '.')
            names.emplace_back(entry.d_name);
        return true;
    });
    return names;
}

/// Where those accounts live, by pw_dir.
NameIndex homes_of(const std::vector<Account>& accounts) {
    NameIndex homes;
    homes.reserve(accounts.size());
    for (std::uint32_t i = 0; i < accounts.size(); ++i)
        homes.add(accounts[i].home, i);
    return homes;
}

/// Accounts whose homes exist but whom nobody enumerated. The directory's name is only a question:
/// the answer counts when its pw_dir is that very directory, as for every account.
void add_unlisted(const std::vector<std::string>& home_roots, std::vector<Account>& accounts) {
    NamesOf names{accounts};
    const auto homes = homes_of(accounts);
    Machine machine;
    for (const auto& root : home_roots) {
        for (const auto& name : directories_below(machine, root)) {
            const auto path = root + "/" + name;
            const auto lives_here = [&](std::uint32_t i) { return accounts[i].home == path; };
            std::optional<Account> account;
            if (homes.find(path, lives_here) || names.has(name) ||
                find_account(name, account) != Found::yes || !account || names.has(account->name))
                continue;
            accounts.push_back(std::move(*account));
            names.added_one();
        }
    }
}

/// Adds those of the known that NSS as a whole finds by name; the names of the others.
template <typename T, typename Find>
std::vector<std::string> add_known(const std::vector<std::string>& known, std::vector<T>& entries,
                                   Find find) {
    NamesOf names{entries};
    std::vector<std::string> absent;
    for (const auto& name : known) {
        if (names.has(name))
            continue;
        std::optional<T> entry;
        if (find(name, entry) != Found::yes) {
            absent.push_back(name);
        } else if (entry && !names.has(entry->name)) {
            entries.push_back(std::move(*entry));
            names.added_one();
        }
    }
    return absent;
}

/// What each service alone says. Look-ups in this process are not what they were afterwards.
class ServiceByService {
  public:
    /// `find_root` looks root up. Whoever does not have it says so.
    ServiceByService(std::string database, Found (*find_root)())
        : database_(std::move(database)), services_(services_of_this_machine(database_)) {
        for (const auto& service : services_) {
            ask_only(database_, service);
            if (find_root() != Found::cannot_tell)
                answering_.push_back(name_of(service));
        }
    }

    /// As AccountAnswer names them.
    const std::vector<std::string>& answering() const { return answering_; }
    bool any_is_silent() const { return answering_.size() < services_.size(); }

    /// Those of `absent` that a service has, or cannot tell about. Only services that answer, or
    /// are among `known`, count.
    template <typename Find>
    std::vector<std::string> undecided(std::vector<std::string> absent,
                                       const std::vector<std::string>& known, Find find) const {
        std::vector<std::string> undecided;
        for (const auto& service : services_) {
            if (!contains(answering_, name_of(service)) && !contains(known, name_of(service)))
                continue;
            ask_only(database_, service);
            const auto others =
                std::stable_partition(absent.begin(), absent.end(), [&](const std::string& name) {
                    return find(name) == Found::no;
                });
            std::move(others, absent.end(), std::back_inserter(undecided));
            absent.erase(others, absent.end());
        }
        return undecided;
    }

  private:
    static bool contains(const std::vector<std::string>& names, const std::string& name) {
        return std::find(names.begin(), names.end(), name) != names.end();
    }
    std::string name_of(const std::string& service) const { return database_ + ":" + service; }

    std::string database_;
    std::vector<std::string> services_;
    std::vector<std::string> answering_;
};

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
    add_unlisted(home_roots, accounts);
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
    add_unlisted(question.home_roots, answer.accounts);
    auto absent = add_known(question.accounts, answer.accounts, find_account);
    auto absent_groups = add_known(question.groups, answer.groups, find_group);

    const ServiceByService users{"passwd", [] { return find_uid(0); }};
    const ServiceByService groups{"group", [] { return by_group_name("root"); }};
    answer.undecided_accounts =
        users.undecided(std::move(absent), question.services, by_account_name);
    answer.undecided_groups =
        groups.undecided(std::move(absent_groups), question.services, by_group_name);
    answer.has_silent_service = users.any_is_silent();
    answer.services = users.answering();
    answer.services.insert(answer.services.end(), groups.answering().begin(),
                           groups.answering().end());
    return answer;
}

Accounts read_local_accounts() {
    return parse_account_files(text_of("/etc/passwd"), text_of("/etc/group"));
}

std::string stamp_of_account_files() {
    return file_stamp("/etc/passwd") + file_stamp("/etc/group") + file_stamp("/etc/nsswitch.conf");
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
