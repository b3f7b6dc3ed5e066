// Sysroot: the root directory that paths are looked up in, this machine's own or an image's.
#pragma once

#include "io/unique_fd.hpp"
#include "system/image.hpp"

#include <sys/stat.h>
#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace sshpermd {

/// Paths mean in it what they mean to the machine that it is the root of; nothing in an image leads
/// out of it. Whoever looks through this looks at either in the same way. A value; the image
/// outlives it.
class Sysroot {
  public:
    Sysroot() = default; ///< this machine's
    explicit Sysroot(const Image& image) : image_(&image) {}

    bool is_image() const { return image_ != nullptr; }
    /// Null for this machine's.
    const Image* image() const { return image_; }

    /// What the path leads to, opened with O_PATH and the caller's rights; else errno says why not.
    UniqueFd locate(const std::string& path) const;

    /// The same for reading, without waiting. In an image only regular files and directories are
    /// opened: of anything else the descriptor is one of O_PATH, good for fstat() alone.
    UniqueFd open(const std::string& path) const;

    /// As stat(2). Returns 0 or an errno.
    int stat(const std::string& path, struct stat& about) const;
    bool has(const std::string& path) const;

    /// The text of a regular file; nothing when it cannot be read or is larger than `most`.
    std::optional<std::string> read(const std::string& path,
                                    std::size_t most = std::size_t{1} << 20U) const;

    /// As realpath(3): inside of the sysroot. Empty when that cannot be told.
    std::string real_path(const std::string& path) const;

    /// The same as this machine has it, to be typed: below the image's DIR and without any link.
    /// This machine's own path stays as it is. Empty when that cannot be told.
    std::string path_here(const std::string& path) const;

    /// Of an extended attribute of what the path leads to; empty without one.
    std::string attribute(const std::string& path, const char* name) const;

    /// The files that a pattern names (glob(7)), in no order. In an image only its last name may be
    /// a pattern. Nothing when that cannot be told.
    std::optional<std::vector<std::string>> glob(const std::string& pattern) const;

    /// The supplementary groups of an image's account; nothing for this machine's: NSS knows.
    std::optional<std::vector<gid_t>> groups_of(const Account& account) const;

  private:
    const Image* image_ = nullptr;
};

} // namespace sshpermd
