// The allowance: how many of the kernel's watches are taken, and for what, when there are too few.
#pragma once

#include <cstddef>

namespace sshpermd {

/// Two watches an account, and some for what is above the homes. A quarter of the limit, and at
/// least 1,024, is left to the other programs of the same uid. What is above the homes is always
/// watched; then every .ssh counts for more than any home.
struct Allowance {
    std::size_t need = 0;     ///< for everything
    std::size_t most = 0;     ///< that are taken
    std::size_t ssh_dirs = 0; ///< of them, at most
    std::size_t homes = 0;    ///< of them, at most

    bool is_enough() const { return need <= most; }
};

/// Of a limit; `others` are the watches besides those of accounts.
Allowance allow(std::size_t limit, std::size_t others, std::size_t accounts);

/// The smallest limit of which so many may be taken.
std::size_t limit_for(std::size_t need);

} // namespace sshpermd
