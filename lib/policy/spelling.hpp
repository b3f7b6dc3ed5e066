// Spelling: how near a word is to another, for "did you mean".
#pragma once

#include <cstddef>
#include <string_view>

namespace sshpermd {

/// How many letters are to be put in, taken out or changed (Levenshtein). As many steps as the
/// lengths multiplied: who calls bounds them.
std::size_t edit_distance(std::string_view from, std::string_view to);

} // namespace sshpermd
