#include "policy/mode.hpp"

#include <algorithm>

namespace sshpermd {

std::string to_string(Mode mode) {
    std::string text(4, '0');
    for (unsigned digit = 0; digit < 4; ++digit)
        text[3 - digit] = static_cast<char>('0' + (mode.bits() >> (3 * digit) & 7U));
    return text;
}

std::optional<Mode> parse_mode(std::string_view text) {
    const auto octal = [](char c) { return c >= '0' && c <= '7'; };
    if (text.size() < 3 || text.size() > 4 || !std::all_of(text.begin(), text.end(), octal))
        return std::nullopt;

    unsigned bits = 0;
    for (const char c : text)
        bits = bits * 8 + static_cast<unsigned>(c - '0');
    return Mode{bits};
}

} // namespace sshpermd
