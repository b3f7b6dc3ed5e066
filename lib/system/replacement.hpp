// Replacement: a new key file, in the place of one or where none is.
#pragma once

#include "finding/finding.hpp"
#include "repair/report.hpp"
#include "system/handle.hpp"

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace sshpermd {

/// What is being made has this name for a moment, where only we can make names.
inline constexpr const char* spare_name = ".sshpermd.new";
inline constexpr mode_t for_root_alone = 0700;

/// What errno says of it.
Failure failed(std::string doing);

/// Puts a new file in the place of `old`, with the mode and owner expected, the label of the old
/// one, and `text` in it. Pre: nobody else can change a name in `dir` (a Hold is on it). Whatever
/// goes wrong, the name stands for the old file or the new one, never for half of one.
std::optional<Failure> replace_file(const Handle& dir, const std::string& name, const Handle& old,
                                    std::string_view text, const Expected& expected);

/// Makes a file where none is, which is there with all of `text` or not at all; not yet on the
/// disk. Pre: as above. An empty label leaves it to the directory.
std::optional<Failure> make_file(const Handle& dir, const std::string& name, std::string_view text,
                                 const Expected& expected, const std::string& label = {});

/// Brings a regular file to the disk, as far as that works.
void sync(const Handle& file);

/// SELinux's label of a file; empty where there is none.
std::string label_of(const Handle& file);

} // namespace sshpermd
