// Directory: the names in a held directory.
#pragma once

#include "io/unique_fd.hpp"

#include <dirent.h>

#include <functional>

namespace sshpermd {

/// Goes over the entries of a directory, open for reading, but `.` and `..`, until `each` returns
/// false. Returns 0, or the errno of what kept it from going on: for a directory that could not be
/// opened, the one its open has left. The entry is valid during the call only.
int for_each_entry(UniqueFd dir, const std::function<bool(const dirent&)>& each);

} // namespace sshpermd
