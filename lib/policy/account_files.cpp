#include "policy/account_files.hpp"

#include "policy/fields.hpp"

#include <algorithm>
#include <limits>
#include <unordered_set>
#include <utility>

namespace sshpermd {
namespace {

std::optional<std::uint32_t> id(std::string_view text) {
    const auto number = decimal(text);
    if (!number || *number > std::numeric_limits<std::uint32_t>::max())
        return std::nullopt;
    return static_cast<std::uint32_t>(*number);
}

std::optional<Account> account_of(std::string_view line) {
    const auto name = take_field(line, ":");
    take_field(line, ":"); // the password
    const auto uid = id(take_field(line, ":"));
    const auto gid = id(take_field(line, ":"));
    take_field(line, ":"); // who it is
    const auto home = take_field(line, ":");
    if (!uid || !gid)
        return std::nullopt;
    return Account{std::string{name}, *uid, *gid, std::string{home}};
}

std::optional<Group> group_of(std::string_view line) {
    const auto name = take_field(line, ":");
    take_field(line, ":"); // the password
    const auto gid = id(take_field(line, ":"));
    if (!gid)
        return std::nullopt;
    Group group{std::string{name}, *gid, {}};
    while (!line.empty())
        if (const auto member = take_field(line, ","); !member.empty())
            group.members.add(member);
    return group;
}

template <typename T, typename Read>
std::vector<T> read_lines(std::string_view text, Read read) {
    std::vector<T> entries;
    std::unordered_set<std::string> names;
    while (!text.empty()) {
        auto line = take_field(text, "\n");
        line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
        if (line.empty() || line.find_first_of("#+-:") == 0 ||
            line.find('\0') != std::string_view::npos)
            continue;
        auto entry = read(line);
        if (entry && names.insert(entry->name).second)
            entries.push_back(std::move(*entry));
    }
    return entries;
}

} // namespace

Accounts parse_account_files(std::string_view passwd, std::string_view group) {
    return {read_lines<Account>(passwd, account_of), read_lines<Group>(group, group_of),
            Coverage::local_only};
}

} // namespace sshpermd
