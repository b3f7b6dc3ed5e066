#include "finding/sshd_rule.hpp"

namespace sshpermd {
namespace {

/// The permission bits that apply to the account: those of the owner, its group, or others.
unsigned class_shift(const Observed& observed, const Account& account, const Accounts& accounts) {
    if (observed.owner == account.uid)
        return 6;
    return accounts.in_group(account, observed.group) ? 3 : 0;
}

} // namespace

std::optional<bool> blocks_login(Target target, const Observed& observed, const Account* account,
                                 const Accounts& accounts) {
    if (is_client_side(target))
        return false;
    if (observed.type == FileType::symlink)
        return std::nullopt;
    if (observed.type != (is_file(target) ? FileType::file : FileType::dir))
        return true;

    constexpr unsigned search = 01;
    constexpr unsigned read = 04;
    if (account == nullptr || target == Target::home_root) {
        if (observed.mode.has(search))
            return false;
        return observed.has_acl ? std::nullopt : std::optional{true};
    }

    const bool trusted_owner = observed.owner == 0 || observed.owner == account->uid;
    if (!trusted_owner || observed.mode.has(0022))
        return true;
    if (account->uid == 0)
        return false;

    const auto shift = class_shift(observed, *account, accounts);
    const auto needed = (target == Target::authorized_keys ? read : search) << shift;
    if (observed.has_acl && shift != 6)
        return std::nullopt;
    return !observed.mode.has(needed);
}

} // namespace sshpermd
