// Text in lines of 80 columns.
#pragma once

#include <string>

namespace sshpermd {

inline constexpr std::size_t screen_width = 80;

/// The text in lines that begin under each other, each with its end. A word that is longer than a
/// line stays whole.
inline std::string wrapped(std::string text, std::size_t indent, std::string head = {}) {
    std::string lines;
    head.resize(indent, ' ');
    const auto room = screen_width - indent;
    while (text.size() > room) {
        auto end = text.rfind(' ', room);
        if (end == std::string::npos || end == 0)
            end = text.find(' ', room); // a word longer than a line
        if (end == std::string::npos)
            break;
        lines += head + text.substr(0, end) + "\n";
        text.erase(0, end + 1);
        head.assign(indent, ' ');
    }
    return lines + head + text + "\n";
}

} // namespace sshpermd
