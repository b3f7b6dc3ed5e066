// Interrupted: a change whose repairer was killed before it was on record.
#pragma once

#include "finding/finding.hpp"
#include "policy/target.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace sshpermd {

struct InterruptedChange {
    std::uint32_t slot = 0; ///< free again when an event with it is in the record
    std::string user;       ///< its first 64 bytes; empty for a home root
    Target target = Target::home_root;
    std::string path; ///< its first 255 bytes
    Observed before;
    Expected expected;
    std::optional<Observed> after; ///< nothing: cut off, perhaps before it was changed
    std::int64_t time_us = 0;      ///< when it was begun, since 1970
};

} // namespace sshpermd
