// Config lines: which lines of an sshd_config may be left out so that sshd starts, and the change.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sshpermd {

/// May a line be left out of whose keyword sshd says that it does not know it? Leaving out what was
/// meant to restrict would mean sshd's default instead. So `why` has a reason when it stands at or
/// behind a Match, when an sshd of another version knows the keyword, and when it looks like one
/// that was misspelt. Empty: it may.
std::string why_line_stays(std::string_view text, unsigned line, std::string_view keyword);

/// The line as a comment. Pre: it is there.
std::string without_line(std::string_view text, unsigned line);

/// Is something included behind a Match? It would be part of that block.
bool includes_behind_match(std::string_view text);

/// The files of its HostKey lines.
std::vector<std::string> host_keys_in(std::string_view text);

/// As `diff -u` would show what changed; empty when nothing did. Pre: as many lines in both.
std::string unified_diff(const std::string& path, std::string_view before, std::string_view after);

/// What ssh-keygen -t wants for a host key of this name.
std::string key_type_for(std::string_view path);

} // namespace sshpermd
