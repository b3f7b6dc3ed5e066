// Letters: words that sshd takes in any case. ASCII alone, whatever the locale.
#pragma once

#include <string>
#include <string_view>

namespace sshpermd {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lowered(std::string_view text);

/// Is a text this word, given in lower case?
bool is_word(std::string_view text, std::string_view word);

} // namespace sshpermd
