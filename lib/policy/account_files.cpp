#include "policy/account_files.hpp"

#include <algorithm>
#include <charconv>
#include <unordered_set>
#include <utility>

namespace sshpermd {
namespace {

/// Takes the part up to a character off the front, and the character.
std::string_view take(std::string_view& text, char end) {
    const auto at = std::min(text.find(end), text.size());
    const auto part = text.substr(0, at);
    text.remove_prefix(std::min(at + 1, text.size()));
    return part;
}

std::optional<std::uint32_t> number(std::string_view text) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

std::optional<Account> account_of(std::string_view line) {
    const auto name = take(line, ':');
    take(line, ':'); // the password
    const auto uid = number(take(line, ':'));
    const auto gid = number(take(line, ':'));
    take(line, ':'); // who it is
    const auto home = take(line, ':');
    if (!uid || !gid)
        return std::nullopt;
    return Account{std::string{name}, *uid, *gid, std::string{home}};
}

std::optional<Group> group_of(std::string_view line) {
    const auto name = take(line, ':');
    take(line, ':'); // the password
    const auto gid = number(take(line, ':'));
    if (!gid)
        return std::nullopt;
    Group group{std::string{name}, *gid, {}};
    while (!line.empty())
        if (const auto member = take(line, ','); !member.empty())
            group.members.emplace_back(member);
    return group;
}

template <typename T, typename Read>
std::vector<T> read_lines(std::string_view text, Read read) {
    std::vector<T> entries;
    std::unordered_set<std::string> names;
    while (!text.empty()) {
        auto line = take(text, '\n');
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
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
