// Records of the memory: one change, as bytes.
#pragma once

#include "keys/significant_lines.hpp"

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sshpermd {

/// A record is one byte that says what happened, then what that takes of: the user's name (a length
/// of one byte before it), the uid (four bytes), a thing's name and its identity (each with a
/// length of one byte), line hashes (their number in two bytes). Numbers are little-endian. Nothing
/// follows.
struct MemoryRecord {
    enum class What : unsigned char {
        saw = 'S',        ///< user, uid
        read_keys = 'C',  ///< user, uid
        learned = 'K',    ///< user, uid, thing, identity
        lines = 'L',      ///< user, uid, lines
        withheld = 'W',   ///< user, uid, thing, identity
        released = 'R',   ///< user, uid, thing
        forgot = 'F',     ///< user
        forgot_all = 'A', ///< nothing
    };

    static constexpr std::size_t longest_name = 255;
    static constexpr std::size_t longest_identity = 128 + 8; ///< MAX_HANDLE_SZ, type and length
    static constexpr std::size_t most_lines = 256;
    /// Of all that to_bytes() makes.
    static constexpr std::size_t longest =
        1 + 1 + longest_name + 4 + 2 + most_lines * sizeof(LineHash);

    What what = What::saw;
    std::string_view user; ///< texts are somebody else's
    uid_t uid = 0;
    std::string_view thing;
    std::string_view identity;
    std::vector<LineHash> lines;

    friend bool operator==(const MemoryRecord&, const MemoryRecord&) = default;
};

/// May it be written? Names and identities are neither empty nor too long.
bool is_within_limits(const MemoryRecord& record);

/// `record` must be within the limits.
std::string to_bytes(const MemoryRecord& record);

/// Of what to_bytes() gives.
std::size_t size_of(const MemoryRecord& record);

/// Refers to the bytes. Nothing when these are not the bytes of exactly one record within the
/// limits, whoever wrote them.
std::optional<MemoryRecord> memory_record(std::string_view bytes);

} // namespace sshpermd
