#include "policy/account.hpp"

#include <algorithm>
#include <utility>

namespace sshpermd {
namespace {

constexpr uid_t many_uids = static_cast<uid_t>(-1);

} // namespace

Accounts::Accounts(std::vector<Account> accounts, std::vector<Group> groups, Coverage coverage)
    : accounts_(std::move(accounts)), groups_(std::move(groups)), coverage_(coverage) {
    by_uid_.reserve(accounts_.size());
    by_name_.reserve(accounts_.size());
    for (std::uint32_t i = 0; i < accounts_.size(); ++i) {
        const auto& account = accounts_[i];
        by_uid_.try_emplace(account.uid, i);
        by_name_.try_emplace(account.name, i);
        if (account.uid == 0)
            continue;
        const auto [primary, first] = primary_of_.try_emplace(account.gid, account.uid);
        if (!first && primary->second != account.uid)
            primary->second = many_uids;
    }
    for (std::uint32_t i = 0; i < groups_.size(); ++i)
        by_gid_.emplace(groups_[i].gid, i);
}

const Account* Accounts::by_name(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : &accounts_[found->second];
}

std::optional<std::string_view> Accounts::user_name(uid_t uid) const {
    const auto found = by_uid_.find(uid);
    if (found == by_uid_.end())
        return std::nullopt;
    return accounts_[found->second].name;
}

std::optional<std::string_view> Accounts::group_name(gid_t gid) const {
    const auto [begin, end] = by_gid_.equal_range(gid);
    if (begin == end)
        return std::nullopt;
    const auto first = std::min_element(
        begin, end, [](const auto& a, const auto& b) { return a.second < b.second; });
    return groups_[first->second].name;
}

std::optional<gid_t> Accounts::group_gid(std::string_view name) const {
    const auto found = std::find_if(groups_.begin(), groups_.end(),
                                    [&](const Group& group) { return group.name == name; });
    return found == groups_.end() ? std::nullopt : std::optional{found->gid};
}

template <typename Is>
bool Accounts::any_member(gid_t gid, Is is) const {
    const auto [begin, end] = by_gid_.equal_range(gid);
    return std::any_of(begin, end, [&](const auto& entry) {
        const auto& members = groups_[entry.second].members;
        return std::any_of(members.begin(), members.end(), is);
    });
}

bool Accounts::others_in_group(gid_t gid, uid_t uid) const {
    const auto is_other = [uid](uid_t member) { return member != uid && member != 0; };
    if (!has_everybody() || !by_gid_.contains(gid))
        return true;
    const auto primary = primary_of_.find(gid);
    if (primary != primary_of_.end() && is_other(primary->second))
        return true;
    return any_member(gid, [&](const std::string& name) {
        const auto* const member = by_name(name);
        return member == nullptr || is_other(member->uid);
    });
}

bool Accounts::in_group(const Account& account, gid_t gid) const {
    return account.gid == gid ||
           any_member(gid, [&](const std::string& name) { return name == account.name; });
}

} // namespace sshpermd
