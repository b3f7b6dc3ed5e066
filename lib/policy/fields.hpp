// Fields: the parts of a line of /etc/passwd, subuid, nsswitch.conf and their like; numbers and
// times.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace sshpermd {

/// Between words.
inline constexpr std::string_view blanks = " \t";
/// isspace(3) of the C locale, also without the end of a line.
inline constexpr std::string_view space = " \t\r\n\f\v";
inline constexpr std::string_view space_in_line = " \t\r\f\v";

/// Takes the part up to the first of `ends` off the front, and that character.
std::string_view take_field(std::string_view& text, std::string_view ends);

/// Those between the characters of `ends`, but the empty ones.
std::vector<std::string_view> fields_of(std::string_view text, std::string_view ends);

/// Without these characters at the beginning and at the end.
std::string_view trim(std::string_view text, std::string_view characters);

/// "250ms", "30s", "5m" or "24h"; nothing for anything else, and for a number above 10^9.
std::optional<std::chrono::milliseconds> duration_of(std::string_view text);

/// Decimal digits and nothing else.
std::optional<std::uint64_t> decimal(std::string_view text);

} // namespace sshpermd
