// Tree page: what a walk over a home is changing, or what is being made of one, as bytes that
// outlive the process that does it.
#pragma once

#include "finding/finding.hpp"
#include "finding/observed.hpp"
#include "policy/target.hpp"
#include "repair/tree_change.hpp"

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sshpermd {

/// How many changes wait for the record at most.
inline constexpr std::size_t tree_changes = 4096;

/// A directory that is held, and what it is to be again.
struct HeldDirectory {
    std::string path; ///< below the home, empty for itself
    std::uint64_t inode = 0;
    Mode mode;
    uid_t owner = 0;
    gid_t group = 0;

    friend bool operator==(const HeldDirectory&, const HeldDirectory&) = default;
};

/// A directory that is being put in its place: a home, or a `.ssh`.
struct MadeDirectory {
    Target target = Target::home;
    std::uint64_t inode = 0;
    Expected expected; ///< what it is already

    friend bool operator==(const MadeDirectory&, const MadeDirectory&) = default;
};

/// Integers and bytes only: any bytes are a value, if not a sound one.
struct TreePage {
    std::int64_t time_us = 0;
    std::uint32_t changed = 0; ///< of `changes`, those that count; the last may not be made yet
    std::uint32_t is_held = 0; ///< 1: what follows is of a directory that is held
    std::uint64_t held_inode = 0;
    std::uint32_t held_mode = 0;
    std::uint32_t held_owner = 0;
    std::uint32_t held_group = 0;
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::uint32_t user_size = 0;
    std::uint32_t home_size = 0;
    std::uint32_t path_size = 0; ///< longer than `path`: it does not fit
    std::uint64_t made_inode = 0;
    std::uint32_t made_mode = 0;
    std::uint32_t is_made = 0; ///< 1 and the number of the target: it is about to be in its place
    std::array<char, 256> user{};
    std::array<char, 1024> home{};
    std::array<char, 4096> path{};
    std::array<TreeChange, tree_changes> changes{};
};

/// What was left behind by one who was killed.
struct TreeLeftover {
    TreeOwner whose;
    std::vector<TreeChange> changes;   ///< the last may not have been made
    std::optional<HeldDirectory> held; ///< and not given back
    std::int64_t time_us = 0;
    std::optional<MadeDirectory> made{}; ///< perhaps in its place

    bool is_nothing() const { return changes.empty() && !held && !made; }
};

void note_owner(TreePage& page, const TreeOwner& whose);

/// Its path is left out when it does not fit: then only the mark tells.
void note_held(TreePage& page, std::string_view path, const Observed& was);

/// All but the word that it counts.
void note_made(TreePage& page, const MadeDirectory& made);

/// What `is_made` is for a target.
constexpr std::uint32_t made_word(Target target) { return 1U + static_cast<std::uint32_t>(target); }

/// Nothing for bytes that make no sense.
std::optional<TreeLeftover> read_page(const TreePage& page);

} // namespace sshpermd
