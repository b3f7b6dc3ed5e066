// Plan: the ordered steps that turn what was found into what is expected.
#pragma once

#include "finding/finding.hpp"

#include <sys/types.h>

#include <optional>
#include <variant>
#include <vector>

namespace sshpermd {

struct SetMode {
    Mode mode;

    friend bool operator==(SetMode, SetMode) = default;
};

/// An id that is already right is left out: even a chown to the same id clears set-id bits and file
/// capabilities.
struct SetOwner {
    std::optional<uid_t> owner;
    std::optional<gid_t> group;

    friend bool operator==(const SetOwner&, const SetOwner&) = default;
};

using Step = std::variant<SetMode, SetOwner>;

/// Narrows before it hands over and widens last, so that no step grants anybody more than both the
/// old and the new state do. Never empty for a drift.
std::vector<Step> plan(const Drift& drift);

} // namespace sshpermd
