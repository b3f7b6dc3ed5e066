#include "watch/allowance.hpp"

#include <algorithm>

namespace sshpermd {
namespace {

constexpr std::size_t least_left = 1024;
constexpr std::size_t part_left = 4; ///< one in so many

std::size_t without(std::size_t from, std::size_t amount) { return from - std::min(from, amount); }

} // namespace

Allowance allow(std::size_t limit, std::size_t others, std::size_t accounts) {
    Allowance allowance;
    allowance.need = others + 2 * accounts;
    allowance.most = std::min(limit - limit / part_left, without(limit, least_left));
    const auto for_accounts = without(allowance.most, others);
    allowance.ssh_dirs = std::min(for_accounts, accounts);
    allowance.homes = std::min(for_accounts - allowance.ssh_dirs, accounts);
    return allowance;
}

std::size_t limit_for(std::size_t need) {
    const auto by_part = need == 0 ? 0 : (need - 1) * part_left / (part_left - 1) + 1;
    return std::max(by_part, need + least_left);
}

} // namespace sshpermd
