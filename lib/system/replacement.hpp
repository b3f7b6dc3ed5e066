// Replacement: a new key file with the same bytes, for one that somebody still has open for
// writing.
#pragma once

#include "finding/finding.hpp"
#include "repair/report.hpp"
#include "system/handle.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sshpermd {

/// Puts a new file in the place of `old`, with the mode and owner expected, the label of the old
/// one, and `text` in it. Pre: nobody else can change a name in `dir` (a Hold is on it). Whatever
/// goes wrong, the name stands for the old file or the new one, never for half of one.
std::optional<Failure> replace_file(const Handle& dir, const std::string& name, const Handle& old,
                                    std::string_view text, const Expected& expected);

} // namespace sshpermd
