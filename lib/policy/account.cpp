#include "policy/account.hpp"

#include <algorithm>
#include <numeric>
#include <span>
#include <utility>

namespace sshpermd {
namespace {

template <typename Entries, typename Key>
std::vector<std::uint32_t> sorted_by(const Entries& entries, Key key) {
    std::vector<std::uint32_t> indices(entries.size());
    std::iota(indices.begin(), indices.end(), 0U);
    std::stable_sort(indices.begin(), indices.end(), [&](std::uint32_t a, std::uint32_t b) {
        return key(entries[a]) < key(entries[b]);
    });
    return indices;
}

/// The indices of those whose key is `value`.
template <typename Entries, typename Key, typename Value>
std::span<const std::uint32_t> equal_to(const std::vector<std::uint32_t>& indices,
                                        const Entries& entries, Key key, const Value& value) {
    const auto begin =
        std::lower_bound(indices.begin(), indices.end(), value,
                         [&](std::uint32_t i, const Value& v) { return key(entries[i]) < v; });
    const auto end =
        std::upper_bound(begin, indices.end(), value,
                         [&](const Value& v, std::uint32_t i) { return v < key(entries[i]); });
    return {begin, end};
}

constexpr auto uid_of = [](const Account& account) { return account.uid; };
constexpr auto primary_of = [](const Account& account) { return account.gid; };
constexpr auto gid_of = [](const Group& group) { return group.gid; };
constexpr auto name_of = [](const auto& entry) { return std::string_view{entry.name}; };

} // namespace

Members::Members(std::initializer_list<std::string_view> names) {
    for (const auto name : names)
        add(name);
}

void Members::add(std::string_view name) { names_.make().emplace_back(name); }

std::span<const std::string> Members::all() const {
    return names_ ? std::span<const std::string>{*names_} : std::span<const std::string>{};
}

bool Members::has(std::string_view name) const {
    const auto names = all();
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool operator==(const Members& a, const Members& b) {
    const auto ours = a.all();
    const auto theirs = b.all();
    return std::equal(ours.begin(), ours.end(), theirs.begin(), theirs.end());
}

Accounts::Accounts(std::vector<Account> accounts, std::vector<Group> groups, Coverage coverage)
    : accounts_(std::move(accounts)),
      groups_(std::move(groups)),
      coverage_(coverage),
      by_uid_(sorted_by(accounts_, uid_of)),
      by_name_(sorted_by(accounts_, name_of)),
      by_primary_(sorted_by(accounts_, primary_of)),
      by_gid_(sorted_by(groups_, gid_of)) {}

const Account* Accounts::by_name(std::string_view name) const {
    const auto found = equal_to(by_name_, accounts_, name_of, name);
    return found.empty() ? nullptr : &accounts_[found.front()];
}

std::optional<std::string_view> Accounts::user_name(uid_t uid) const {
    const auto found = equal_to(by_uid_, accounts_, uid_of, uid);
    if (found.empty())
        return std::nullopt;
    return accounts_[found.front()].name;
}

std::optional<std::string_view> Accounts::group_name(gid_t gid) const {
    const auto found = equal_to(by_gid_, groups_, gid_of, gid);
    if (found.empty())
        return std::nullopt;
    return groups_[found.front()].name;
}

std::optional<gid_t> Accounts::group_gid(std::string_view name) const {
    const auto found = std::find_if(groups_.begin(), groups_.end(),
                                    [&](const Group& group) { return group.name == name; });
    return found == groups_.end() ? std::nullopt : std::optional{found->gid};
}

template <typename Is>
bool Accounts::any_member(gid_t gid, Is is) const {
    const auto found = equal_to(by_gid_, groups_, gid_of, gid);
    return std::any_of(found.begin(), found.end(), [&](std::uint32_t group) {
        const auto members = groups_[group].members.all();
        return std::any_of(members.begin(), members.end(), is);
    });
}

bool Accounts::others_in_group(gid_t gid, uid_t uid) const {
    const auto is_other = [uid](uid_t member) { return member != uid && member != 0; };
    if (!has_everybody() || equal_to(by_gid_, groups_, gid_of, gid).empty())
        return true;
    const auto primary = equal_to(by_primary_, accounts_, primary_of, gid);
    if (std::any_of(primary.begin(), primary.end(),
                    [&](std::uint32_t index) { return is_other(accounts_[index].uid); }))
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
