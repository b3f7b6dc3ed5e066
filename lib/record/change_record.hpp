// The change record: event lines in numbered segments, a ring of them. What the bytes mean, not
// where they lie.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sshpermd {

/// 64 MiB in all: the oldest segment goes when another one is begun.
struct RecordRing {
    std::size_t segments = 8;
    std::size_t segment_bytes = 8U << 20U;
};

/// "00000001.jsonl"
std::string segment_name(std::uint64_t number);

/// Nothing when it is not the name of a segment.
std::optional<std::uint64_t> segment_number(std::string_view name);

/// How many of these bytes are whole lines; what is behind them was torn off by a crash.
std::size_t whole_lines(std::string_view bytes);

/// The lines that are an event's: JSON objects of printable ASCII, as to_line() makes them. All
/// others are left out.
std::vector<std::string_view> record_lines(std::string_view bytes);

} // namespace sshpermd
