// New home: a home or an empty `.ssh`, made where only root can reach it and moved to its place as
// a whole.
#pragma once

#include "finding/finding.hpp"
#include "repair/report.hpp"
#include "system/handle.hpp"
#include "system/machine.hpp"

#include <functional>
#include <optional>
#include <string>

namespace sshpermd {

inline constexpr const char* skel_path = "/etc/skel";

/// Hears of a directory that is complete, with its owner and mode, before it is put in its place.
using AboutToBeThere = std::function<void(const Observed& made)>;

/// Makes a home called `name` in a home root, with what is in `skel` (nothing when there is no
/// such directory). Pre: nobody besides root can change a name in the root. Whatever goes wrong,
/// there is no home or a whole one; what already has the name stays (EEXIST). What is in `skel` and
/// not root's alone, or is anything but a file, a directory or a link, is an EPERM.
std::optional<Failure> make_home(Machine& machine, const Handle& root, const std::string& name,
                                 const Expected& wanted, const AboutToBeThere& about_to,
                                 const std::string& skel = skel_path);

/// Makes an empty `.ssh` in a home. Pre: as above, and the home lies in that root, on the same
/// mount (else EXDEV).
std::optional<Failure> make_empty_ssh_dir(const Kernel& kernel, const Handle& root,
                                          const Handle& home, const Expected& wanted,
                                          const AboutToBeThere& about_to);

} // namespace sshpermd
