// Text from file names: bytes made fit for JSON, a terminal, a log line and a shell.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sshpermd {

/// Valid UTF-8 as RFC 3629 has it.
bool is_utf8(std::string_view bytes);

/// The longest prefix of at most `max` bytes that does not cut a UTF-8 sequence in half.
std::string_view cut(std::string_view text, std::size_t max);

/// For a terminal: control characters, bytes that are not UTF-8 and bidirectional marks as \xNN.
std::string printable(std::string_view bytes);

/// For a command that somebody copies into a shell: in quotes where it has to be. What begins with
/// "-" is taken for a path.
std::string shell_word(const std::string& text);

/// Two digits for each byte.
std::string hex_of(std::string_view bytes);

} // namespace sshpermd
