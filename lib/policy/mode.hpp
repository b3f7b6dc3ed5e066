// Mode: the twelve permission bits of a file, and their octal spelling.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sshpermd {

/// Permission bits with set-id and sticky (07777), never the file type.
class Mode {
  public:
    constexpr Mode() = default;
    constexpr explicit Mode(unsigned bits) : bits_(static_cast<std::uint16_t>(bits & 07777U)) {}

    constexpr unsigned bits() const { return bits_; }
    constexpr bool has(unsigned any_of) const { return (bits_ & any_of) != 0; }

    friend constexpr bool operator==(Mode, Mode) = default;
    friend constexpr Mode operator&(Mode a, Mode b) { return Mode{a.bits() & b.bits()}; }
    friend constexpr Mode operator|(Mode a, Mode b) { return Mode{a.bits() | b.bits()}; }
    friend constexpr Mode operator~(Mode a) { return Mode{~a.bits()}; }

  private:
    std::uint16_t bits_ = 0;
};

/// Four octal digits: "0700".
std::string to_string(Mode mode);

/// Reads "700", "0700" or "2755"; nothing when the text is not three or four octal digits.
std::optional<Mode> parse_mode(std::string_view text);

} // namespace sshpermd
