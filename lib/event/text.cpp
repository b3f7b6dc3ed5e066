#include "event/text.hpp"

#include <array>

namespace sshpermd {
namespace {

/// Length of the valid UTF-8 sequence at the front; 0 when there is none.
std::size_t sequence_length(std::string_view bytes) {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
        return i < bytes.size() && at(i) >= low && at(i) <= high;
    };
    const unsigned first = at(0);
    if (first < 0x80)
        return 1;
    if (first >= 0xC2 && first <= 0xDF)
        return follows(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        const unsigned low = first == 0xE0 ? 0xA0 : 0x80;
        const unsigned high = first == 0xED ? 0x9F : 0xBF;
        return follows(1, low, high) && follows(2) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const unsigned low = first == 0xF0 ? 0x90 : 0x80;
        const unsigned high = first == 0xF4 ? 0x8F : 0xBF;
        return follows(1, low, high) && follows(2) && follows(3) ? 4 : 0;
    }
    return 0;
}

/// Controls of C1, and what reorders text: U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to
/// U+2069.
bool is_treacherous(std::string_view sequence) {
    if (sequence.size() == 2)
        return (sequence[0] == '\xC2' && static_cast<unsigned char>(sequence[1]) < 0xA0) ||
               sequence == "\xD8\x9C";
    if (sequence.size() != 3 || sequence[0] != '\xE2')
        return false;
    const auto last = static_cast<unsigned char>(sequence[2]);
    if (sequence[1] == '\x80')
        return last == 0x8E || last == 0x8F || (last >= 0xA8 && last <= 0xAE);
    return sequence[1] == '\x81' && last >= 0xA6 && last <= 0xA9;
}

} // namespace

bool is_utf8(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto length = sequence_length(bytes);
        if (length == 0)
            return false;
        bytes.remove_prefix(length);
    }
    return true;
}

std::string_view cut(std::string_view text, std::size_t max) {
    if (text.size() <= max)
        return text;
    constexpr std::size_t longest_tail = 3; // what follows the first byte of a sequence
    auto end = max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
        --end;
    return text.substr(0, max - end <= longest_tail ? end : max); // else it is no UTF-8 anyway
}

std::string printable(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    while (!bytes.empty()) {
        const auto length = sequence_length(bytes);
        const auto sequence = bytes.substr(0, length == 0 ? 1 : length);
        const auto first = static_cast<unsigned char>(sequence[0]);
        if (length == 0 || first < 0x20 || first == 0x7F || is_treacherous(sequence)) {
            for (const char c : sequence) {
                const auto byte = static_cast<unsigned char>(c);
                text.append("\\x").push_back(digits[byte >> 4U]);
                text.push_back(digits[byte & 15U]);
            }
        } else {
            text.append(sequence);
        }
        bytes.remove_prefix(sequence.size());
    }
    return text;
}

std::string shell_word(const std::string& text) {
    constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "0123456789/._+-@%,:=";
    if (!text.empty() && text.front() != '-' && text.find_first_not_of(plain) == std::string::npos)
        return text;
    std::string word = text.starts_with('-') ? "./'" : "'";
    for (const char c : text)
        word += c == '\'' ? "'\\''" : std::string(1, c);
    return word + "'";
}

std::string hex_of(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += digits[byte >> 4U];
        text += digits[byte & 15U];
    }
    return text;
}

} // namespace sshpermd
