#include "policy/json_mistake.hpp"

#include <algorithm>

namespace sshpermd {
namespace {

/// The last character of JSON before a place, comments and blank space left out.
struct Before {
    char character = 0;
    unsigned line = 1;
};

Before what_is_before(std::string_view text, std::size_t end) {
    Before last;
    unsigned line = 1;
    bool in_string = false;
    for (std::size_t i = 0; i < std::min(end, text.size()); ++i) {
        const char c = text[i];
        line += c == '\n' ? 1U : 0U;
        const auto rest = text.substr(i, 2);
        if (!in_string && (rest == "//" || rest == "/*")) {
            const auto close = text.find(rest == "//" ? "\n" : "*/", i + 2);
            const auto stop = std::min(close, end);
            line += static_cast<unsigned>(std::count(
                text.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                text.begin() + static_cast<std::ptrdiff_t>(std::min(stop, text.size())), '\n'));
            if (close >= end)
                break;
            i = rest == "//" ? close - 1 : close + 1;
            continue;
        }
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
            continue;
        if (in_string && c == '\\')
            ++i;
        else if (c == '"')
            in_string = !in_string;
        last = {c, line};
    }
    return last;
}

bool says(const JsonMistake& mistake, std::string_view words) {
    return mistake.report.find(words) != std::string_view::npos;
}

std::string quoted(char c) { return std::string{"\""} + c + "\""; }

std::string advice_on_end(const JsonMistake& mistake) {
    if (mistake.open == 0)
        return "the file holds nothing; a configuration that sets nothing is {}";
    const char close = mistake.open == '{' ? '}' : ']';
    return "the file ends too early: the " + quoted(mistake.open) + " of line " +
           std::to_string(mistake.opened_on) + " is never closed; add " + quoted(close) +
           ", or write the rest of the file";
}

} // namespace

std::string advice_on(const JsonMistake& mistake) {
    // Of nothing at all a newer parser says the second.
    if (says(mistake, "unexpected end of input") || says(mistake, "parse an empty input"))
        return advice_on_end(mistake);
    if (says(mistake, "missing closing quote") || says(mistake, "control character U+000A"))
        return "a text begins here and is not closed; end it with \"";
    if (says(mistake, "missing closing '*/'"))
        return "a comment begins with /* and is not closed; end it with */";
    if (says(mistake, "; expected end of input"))
        return "there is more after the end of the document; is there a } too many before it?";
    const char found = mistake.begin < mistake.text.size() ? mistake.text[mistake.begin] : '\0';
    const auto before = what_is_before(mistake.text, mistake.begin);
    if ((found == '}' || found == ']') && before.character == ',')
        return quoted(found) + " comes after a comma; remove the comma of line " +
               std::to_string(before.line);
    if (says(mistake, "invalid literal"))
        return "keys and texts stand in double quotes";
    if (says(mistake, "; expected ':'"))
        return "a colon is missing between a key and its value";
    if (says(mistake, "number literal") && mistake.begin > 0 &&
        mistake.text[mistake.begin - 1] == '0')
        return "a number does not begin with 0; a mode is a text: \"0700\"";
    if (says(mistake, "; expected '}'") || says(mistake, "; expected ']'"))
        return "a comma is missing after line " + std::to_string(before.line);
    return {};
}

} // namespace sshpermd
