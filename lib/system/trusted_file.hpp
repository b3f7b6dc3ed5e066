// Trusted files: configuration that only root can have written.
#pragma once

#include "io/unique_fd.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sshpermd {

/// Reads a file of at most 1 MiB that belongs to root and that nobody else may write, without
/// following a link in its last component. Nothing when it does not exist.
/// Throws ConfigError that names the file, what is wrong with it and the command that puts it
/// right; std::system_error when it cannot be read.
std::optional<std::string> read_trusted_file(const std::string& path);

/// For who can go on without: empty when it does not exist, nothing when it is not to be believed
/// or cannot be read.
std::optional<std::string> trusted_text(const std::string& path);

/// A directory that only root can have filled: what is in it is nobody else's doing.
class TrustedDir {
  public:
    /// Opened without following a link in its last component. Empty when it does not exist. Throws
    /// as read_trusted_file() does.
    explicit TrustedDir(std::string path);

    /// What is in it that ends in `suffix` and is not hidden, in the order of the bytes.
    std::vector<std::string> names(const std::string& suffix) const;

    /// As read_trusted_file(); nothing also when it has gone meanwhile.
    std::optional<std::string> read(const std::string& name) const;

    std::string path_of(const std::string& name) const { return path_ + "/" + name; }

  private:
    std::string path_;
    UniqueFd fd_;
};

} // namespace sshpermd
