// What is wrong with a text that is not JSON, in words a person can act on.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sshpermd {

/// What the parser knows of the place where it gave up.
struct JsonMistake {
    std::string_view text;   ///< all of it
    std::size_t begin = 0;   ///< of the first character that does not fit
    std::string_view report; ///< the parser's own words
    char open = 0;           ///< the innermost object ("{") or list ("[") that is open, or 0
    unsigned opened_on = 0;  ///< the line where it began
};

/// What to do about one of the usual mistakes; nothing for any other.
std::string advice_on(const JsonMistake& mistake);

} // namespace sshpermd
