// The line an event becomes: one JSON object, ASCII, short enough for every journal reader.
#pragma once

#include "event/event.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace sshpermd {

enum class Source { daemon, sshpermctl };

/// What the machine and the moment add to an event.
struct Stamp {
    std::string id; ///< a random UUID
    std::uint64_t seq = 1;
    std::chrono::system_clock::time_point time;
    std::string boot_id; ///< 32 hexadecimal digits
    std::string host;
    std::string machine{}; ///< which one it is, also under another name; empty: nobody knows
    std::string version;
    int pid = 0;
    Source source = Source::daemon;
};

/// The longest line in bytes: readers of the journal drop longer values.
inline constexpr std::size_t max_line = 4000;

/// event.schema.json describes the line. No byte of a file or user name can break it: names are
/// escaped, bytes that are not UTF-8 are replaced and the path added in base64, what is too long is
/// cut and marked with "truncated".
std::string to_line(const Event& event, const Stamp& stamp);

/// RFC 3339 in UTC with microseconds: "2026-11-21T09:00:00.000000Z".
std::string to_rfc3339(std::chrono::system_clock::time_point time);

} // namespace sshpermd
