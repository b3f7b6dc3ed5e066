// New `.ssh`: made beside its place, with its key file in it, and moved there as a whole.
#pragma once

#include "finding/finding.hpp"
#include "repair/report.hpp"
#include "system/handle.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sshpermd {

struct NewSshDir {
    Expected dir;
    std::string file; ///< the name of the key file
    Expected of_file;
    std::string_view text;
};

/// Pre: the home belongs to root, and nobody else can change a name in it (a Hold is on it): so it
/// is the directory of root's on the same mount in which `.ssh` is built. It is moved only where no
/// `.ssh` is (RENAME_NOREPLACE). Whatever goes wrong, there is no `.ssh` or a whole one.
std::optional<Failure> make_ssh_dir(const Kernel& kernel, const Handle& home,
                                    const NewSshDir& wanted);

/// The label of what is in a home, for a `.ssh` in it: "u:object_r:ssh_home_t:s0" for
/// "u:object_r:user_home_dir_t:s0". Empty for what is no label.
std::string ssh_label(const std::string& of_home);

} // namespace sshpermd
