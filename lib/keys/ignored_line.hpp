// Ignored lines: what somebody meant with a line in which sshd finds no key.
#pragma once

#include "keys/key_list.hpp"

#include <span>
#include <string_view>

namespace sshpermd {

/// The blank-less rest of a line up to a NUL or its end, as sshd looks at it.
std::string_view seen_by_sshd(std::string_view line);

/// Explains the first of these lines, none of which is blank, a comment or a key, and says how many
/// of them belong to it by its line numbers, counted from 1 here.
ListedKey explain_ignored(std::span<const std::string_view> lines);

/// Is there a whole key somewhere in a text, from a key's type on? Its position.
std::optional<std::size_t> find_key(std::string_view text);

} // namespace sshpermd
