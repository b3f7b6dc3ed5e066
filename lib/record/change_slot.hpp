// Change slots: a change that is being made, as bytes that outlive the process that makes it.
#pragma once

#include "repair/interrupted.hpp"
#include "repair/report.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace sshpermd {

enum class SlotState : std::uint32_t {
    free,
    taken, ///< being filled in: nothing is changed yet
    begun,
    done, ///< with what is there now
};

/// Integers only, without padding: any bytes are a value, if not a sound one.
struct ChangeSlot {
    struct Look {
        std::uint64_t inode = 0;
        std::uint32_t mode = 0;
        std::uint32_t owner = 0;
        std::uint32_t group = 0;
        std::uint32_t links = 0;
        std::uint32_t type = 0;
        std::uint32_t reserved = 0;
    };

    std::int64_t time_us = 0;
    Look before;
    Look after;
    std::uint32_t expected_mode = 0;
    std::uint32_t expected_owner = 0;
    std::uint32_t expected_group = 0;
    std::uint8_t target = 0;
    std::uint8_t user_size = 0;
    std::uint8_t path_size = 0;
    std::uint8_t reserved = 0;
    std::array<char, 64> user{};
    std::array<char, 256> path{};
};

/// Fills in what is about to be changed. Allocates nothing.
void note_begin(ChangeSlot& slot, const Report& report, std::int64_t time_us);

/// Fills in what is there now.
void note_done(ChangeSlot& slot, const Observed& after);

/// What a slot says of a change that was begun; nothing for a free one, and for bytes that make no
/// sense. A slot that is done and whose `after` makes no sense counts as begun.
std::optional<InterruptedChange> read_slot(std::uint32_t state, const ChangeSlot& slot);

} // namespace sshpermd
