// Chain: an account's links from its home to its keys while a round lasts.
#pragma once

#include "policy/config.hpp"
#include "repair/report.hpp"
#include "system/handle.hpp"

#include <optional>
#include <vector>

namespace sshpermd {

struct Link {
    Report report;
    const Rule* rule = nullptr;   ///< outlives the round
    std::optional<Handle> handle; ///< nothing when there is nothing to look at
    bool is_dir = false;
    bool leads_on = false; ///< may be looked into
};

/// The home first, then `.ssh`, then its key files; shorter where it could not be followed.
using Chain = std::vector<Link>;

} // namespace sshpermd
