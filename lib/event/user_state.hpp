// How an account stands, in one word: the states that status and metrics count.
#pragma once

#include "repair/report.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace sshpermd {

enum class UserState : std::uint8_t {
    protected_,
    missing_home,
    missing_ssh,
    missing_keys,
    polled,   ///< protected, but looked at now and then instead of watched
    flapping, ///< repaired with a delay
    refused,  ///< something is wrong and is left as it is: unsafe, denied, or only observed
    withheld,
    managed, ///< root's own, and meant so
    ignored, ///< by the configuration
};
inline constexpr std::size_t user_states = 10;

/// How many accounts are in each state.
using UserCounts = std::array<std::size_t, user_states>;

std::string_view word(UserState state);

/// What the daemon knows besides what a round found.
struct Standing {
    bool is_polled = false;
    bool is_flapping = false;
};

/// The worst of what a round found of one account; `reports` is not empty.
UserState state_of(const std::vector<Report>& reports, Standing standing);

} // namespace sshpermd
