// The memory's file as bytes: a head, then records, each with its length and a checksum.
#pragma once

#include "record/memory.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace sshpermd {

/// Of every head.
inline constexpr std::size_t memory_head_size = 56;

/// What a file begins with: whose it is (machine_id(), at most 40 bytes), and the version of what
/// follows.
std::string memory_head(std::string_view machine);

/// A record as it stands in the file: length and CRC-32 (four bytes each, little-endian) before it.
std::string memory_frame(std::string_view record);

/// A whole file: the head and what Memory::visit_records() gives.
std::string memory_bytes(std::string_view machine, const Memory& memory);

/// What became of a file's bytes.
struct MemoryLoad {
    enum class Head {
        right,
        missing,    ///< no bytes at all: a new file
        unreadable, ///< no head of ours, or a damaged one
        another_version,
        another_machine, ///< also when this machine has no id: nobody knows then whose it is
    };

    Head head = Head::missing;
    std::size_t good = 0; ///< bytes up to the end of the last good record; 0 unless head is right
    std::size_t live = 0; ///< bytes that memory_bytes() would give
    Memory memory;        ///< empty unless head is right
};

/// Reads up to the first record that is torn, damaged or no record. Whoever made the bytes: nothing
/// worse than a memory of it can come of them.
MemoryLoad load_memory(std::string_view bytes, std::string_view machine);

} // namespace sshpermd
