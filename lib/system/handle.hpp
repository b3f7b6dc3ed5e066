// Handle: a file held by an O_PATH descriptor. It stays the same file whatever its user renames,
// links or mounts meanwhile; nothing here ever looks a path up again.
#pragma once

#include "finding/finding.hpp"
#include "finding/observed.hpp"
#include "io/unique_fd.hpp"
#include "record/memory.hpp"
#include "system/machine.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace sshpermd {

class Handle {
  public:
    explicit Handle(UniqueFd fd) : fd_(std::move(fd)) {}

    int fd() const { return fd_.get(); }

    /// Looks at the held object; not at its ACL. Throws std::system_error.
    Observed observe() const;

    /// The same and its mount's id in one call, which asks no network or FUSE server. Only the id
    /// where it would have to: observe() when that mount is known to answer.
    std::pair<std::optional<Observed>, std::int64_t> observe_with_mount() const;

    /// Which object this is, for good: nothing else ever has the same on this file system. Empty
    /// where the file system cannot say.
    FileIdentity identity() const;

    /// Is this the object that the other holds, too?
    bool is_same_as(const Handle& other) const;

    /// Adds what its access ACL says.
    void observe_acl(Observed& observed) const;

  private:
    UniqueFd fd_;
};

/// What opening one name can give, besides a std::system_error for what the machine denies.
using Opened = std::variant<Handle, Missing, Refusal>;

/// A name in a directory on the same mount. A mount in its place is other_file_system.
Opened open_child(const Kernel& kernel, const Handle& dir, const std::string& name);

/// The same for a name that a listing of the directory gave.
Opened open_listed_child(const Kernel& kernel, const Handle& dir, const std::string& name);

/// A home: may be a mount of its own, when that is a local file system whose server cannot make us
/// wait for ever. Network and FUSE file systems are refused before anything asks them.
Opened open_home(Machine& machine, const Handle& root, const std::string& name);

} // namespace sshpermd
