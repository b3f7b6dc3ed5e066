// File stamp: whether a file is still the one that was read.
#pragma once

#include <string>

struct stat;

namespace sshpermd {

/// One state of the file at a path, as far as stat(2) tells: another device, inode, size or time of
/// writing is another stamp, and so is that it cannot be looked at.
std::string file_stamp(const std::string& path);

/// The same of a file that was looked at.
std::string file_stamp(const std::string& path, const struct stat& about);

} // namespace sshpermd
