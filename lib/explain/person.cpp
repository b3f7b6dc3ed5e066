#include "explain/person.hpp"

#include "policy/fields.hpp"
#include "policy/spelling.hpp"
#include "system/look_up.hpp"

#include <grp.h>
#include <pwd.h>
#include <shadow.h>

#include <algorithm>
#include <array>
#include <functional>
#include <limits>

namespace sshpermd {
namespace {

constexpr std::array<std::string_view, 15> default_users{
    "ec2-user", "ubuntu",     "admin", "debian", "centos", "rocky", "almalinux", "fedora",
    "bitnami",  "cloud-user", "opc",   "core",   "alpine", "arch",  "suse"};

std::optional<Shadow> find_shadow(const std::string& name) {
    std::optional<Shadow> shadow;
    look_up<spwd>([&](auto... rest) { return getspnam_r(name.c_str(), rest...); },
                  [&](const spwd& entry) {
                      shadow = Shadow{entry.sp_pwdp, entry.sp_lstchg, entry.sp_max, entry.sp_inact,
                                      entry.sp_expire};
                  });
    return shadow;
}

std::string name_of(gid_t gid) {
    std::string name;
    look_up<group>([&](auto... rest) { return getgrgid_r(gid, rest...); },
                   [&](const group& entry) { name = entry.gr_name; });
    return name;
}

/// sshd knows the groups of a user by name only (groupaccess.c ga_init()).
std::vector<std::string> group_names(const Account& account) {
    std::vector<gid_t> groups(64);
    int count = static_cast<int>(groups.size());
    while (getgrouplist(account.name.c_str(), account.gid, groups.data(), &count) < 0 &&
           count > static_cast<int>(groups.size()))
        groups.resize(static_cast<std::size_t>(count));
    groups.resize(static_cast<std::size_t>(std::max(count, 0)));
    std::vector<std::string> names;
    for (const auto gid : groups)
        if (auto name = name_of(gid); !name.empty())
            names.push_back(std::move(name));
    return names;
}

/// The fields of the first line of this name that `is_meant`; none without one.
std::vector<std::string>
line_of(std::string_view text, std::string_view name,
        const std::function<bool(const std::vector<std::string>&)>& is_meant) {
    while (!text.empty()) {
        auto line = take_field(text, "\n");
        if (!line.starts_with(name) || !line.substr(name.size()).starts_with(':'))
            continue;
        std::vector<std::string> fields;
        for (bool is_more = true; is_more;) {
            is_more = line.find(':') != std::string_view::npos;
            fields.emplace_back(take_field(line, ":"));
        }
        if (is_meant(fields))
            return fields;
    }
    return {};
}

/// nss_files has an empty number as -1.
long days(const std::string& field) {
    const auto number = decimal(field);
    return number && *number <= std::numeric_limits<int>::max() ? static_cast<long>(*number) : -1;
}

bool can_log_in(const Account& account) { return account.uid >= 1000 && account.uid < 65534; }

} // namespace

std::optional<Person> find_person(const std::string& name) {
    Person person;
    const auto found = look_up<passwd>(
        [&](auto... rest) { return getpwnam_r(name.c_str(), rest...); },
        [&](const passwd& entry) {
            person.account = {entry.pw_name, entry.pw_uid, entry.pw_gid, entry.pw_dir};
            person.shell = entry.pw_shell;
            person.password = entry.pw_passwd;
        });
    if (found != Found::yes)
        return std::nullopt;
    person.groups = group_names(person.account);
    person.shadow = find_shadow(name);
    return person;
}

std::optional<Person> find_person_in(const Image& image, const std::string& name) {
    const auto* const account = image.accounts().by_name(name);
    if (account == nullptr)
        return std::nullopt;
    Person person;
    person.account = *account;
    const auto entry = line_of(
        image.read("etc/passwd").value_or(""), name, [&](const std::vector<std::string>& fields) {
            return fields.size() >= 6 && fields[2] == std::to_string(account->uid);
        });
    if (!entry.empty())
        person.password = entry[1];
    if (entry.size() > 6)
        person.shell = entry[6];
    for (const auto& group : image.accounts().groups())
        if (group.gid == account->gid || group.members.has(name))
            person.groups.push_back(group.name);
    const auto shadow =
        line_of(image.read("etc/shadow").value_or(""), name,
                [](const std::vector<std::string>& fields) { return fields.size() >= 8; });
    if (!shadow.empty())
        person.shadow =
            Shadow{shadow[1], days(shadow[2]), days(shadow[4]), days(shadow[6]), days(shadow[7])};
    return person;
}

std::vector<std::string> likely_users(std::string_view name, const std::vector<Account>& accounts) {
    std::vector<std::pair<std::size_t, std::string>> likely;
    for (const auto& account : accounts) {
        const auto far = edit_distance(name, account.name);
        if (far <= std::max<std::size_t>(2, name.size() / 3) && can_log_in(account))
            likely.emplace_back(far, account.name);
        else if (is_default_user(account.name))
            likely.emplace_back(100, account.name);
    }
    std::sort(likely.begin(), likely.end());
    std::vector<std::string> names;
    for (auto& [far, one] : likely)
        if (std::find(names.begin(), names.end(), one) == names.end() && names.size() < 4)
            names.push_back(std::move(one));
    return names;
}

bool is_default_user(std::string_view name) {
    return std::find(default_users.begin(), default_users.end(), name) != default_users.end();
}

} // namespace sshpermd
