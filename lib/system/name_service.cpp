#include "system/name_service.hpp"

#include "policy/name_index.hpp"
#include "policy/subuid.hpp"

#include <grp.h>
#include <nss.h>
#include <pwd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

namespace sshpermd {
namespace {

Account account_of(const passwd& entry) {
    return {entry.pw_name, entry.pw_uid, entry.pw_gid, entry.pw_dir == nullptr ? "" : entry.pw_dir};
}

Group group_of(const group& entry) {
    Group result{entry.gr_name, entry.gr_gid, {}};
    for (auto* const* member = entry.gr_mem; member != nullptr && *member != nullptr; ++member)
        if (**member != '\0')
            result.members.add(*member);
    return result;
}

bool has_name(const char* name) { return name != nullptr && *name != '\0'; }

/// Until `next` gives no more; throws for whatever is no regular end.
template <typename Next, typename Take>
void for_each(const char* doing, Next next, Take take) {
    for (;;) {
        errno = 0;
        const auto* const entry = next();
        if (entry == nullptr)
            break;
        take(*entry);
    }
    if (errno != 0 && errno != ENOENT)
        throw std::system_error(errno, std::generic_category(), doing);
}

} // namespace

Found find_account(const std::string& name, std::optional<Account>& account) {
    return look_up<passwd>([&](auto... rest) { return getpwnam_r(name.c_str(), rest...); },
                           [&](const passwd& entry) {
                               if (has_name(entry.pw_name))
                                   account = account_of(entry);
                           });
}

Found find_group(const std::string& name, std::optional<Group>& group) {
    return look_up<struct group>([&](auto... rest) { return getgrnam_r(name.c_str(), rest...); },
                                 [&](const struct group& entry) {
                                     if (has_name(entry.gr_name))
                                         group = group_of(entry);
                                 });
}

Found find_uid(uid_t uid) {
    return look_up<passwd>([&](auto... rest) { return getpwuid_r(uid, rest...); },
                           [](const passwd& /*it is somebody's*/) {});
}

void ask_only(const std::string& database, const std::string& service) {
    if (__nss_configure_lookup(database.c_str(), service.c_str()) != 0)
        throw std::system_error(errno, std::generic_category(), "choose a name service");
}

std::vector<std::string> services_of_this_machine(const std::string& database) {
    std::ifstream file{"/etc/nsswitch.conf"};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    return services_of(text, database);
}

std::vector<Account> list_accounts() {
    constexpr const char* doing = "read the account database (getpwent)";
    std::vector<Account> accounts;
    NamesOf names{accounts};
    setpwent();
    for_each(doing, getpwent, [&](const passwd& entry) {
        if (!has_name(entry.pw_name) || names.has(entry.pw_name))
            return;
        accounts.push_back(account_of(entry));
        names.added_one();
    });
    endpwent();
    if (accounts.empty())
        throw std::system_error(ENOENT, std::generic_category(), doing);
    return accounts;
}

std::vector<Group> list_groups() {
    std::vector<Group> groups;
    setgrent();
    for_each("read the group database (getgrent)", getgrent, [&](const group& entry) {
        if (has_name(entry.gr_name))
            groups.push_back(group_of(entry));
    });
    endgrent();
    return groups;
}

} // namespace sshpermd
