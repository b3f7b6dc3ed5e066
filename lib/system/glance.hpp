// Glance: is an account's chain still as it was? The look that costs least: nothing is judged.
#pragma once

#include "policy/homes.hpp"
#include "system/handle.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

namespace sshpermd {

/// A digest of what a round reads of a home, its `.ssh` and its key files: which objects these are
/// and in what state, or that there are none. Two that are equal say that nothing has changed which
/// a round would see: an object that was replaced has another inode or another time, and any change
/// of one that was not (mode, owner, ACL, chattr, content) has set its ctime, which nobody can set
/// back. So does every file made in a home: who uses it is looked at oftener than need be.
using Glimpse = std::uint64_t;
inline constexpr Glimpse no_glimpse = 0; ///< what is as this is looked at closely, no more

/// What a home is to be like for a glance to call it right: the modes exactly, nothing accepted
/// besides. They let nobody else write (no policy does), so that no ACL matters.
struct Plain {
    Expected home;
    Expected ssh_dir;
    Expected key_file;
};

/// What a glance saw.
struct Glance {
    Glimpse now = no_glimpse;
    bool is_plainly_right = false; ///< all that is there
    bool has_ssh_dir = false;
    bool has_first_key_file = false;
    std::size_t key_files = 0; ///< that there are
};

/// What this home is to be like; nothing when a glance cannot call it right whatever it is like: it
/// is shared, or something in it is not to be judged.
std::optional<Plain> plain_of(const Home& home);

/// How many threads glance at many homes: more than there are processors, because whose homes are
/// not in the cache waits for the disk, which serves several at once.
inline constexpr std::size_t glancing_threads = 8;

/// Glances at homes, in any thread. Digests of two eyes with the same secret can be compared.
class Eye {
  public:
    /// The secret is for nobody to make a state that looks like another. `key_files` are names in
    /// `.ssh`; they outlive this.
    Eye(const Kernel& kernel, std::span<const std::string> key_files, std::uint64_t secret)
        : kernel_(kernel), key_files_(key_files), secret_(secret) {}

    /// Asks no network or FUSE server. Nothing for what a glance cannot speak of: a home that is a
    /// mount, anything else in the place of a directory or file, what cannot be opened.
    /// `on_dir` is given the home, then its `.ssh`, before anything is looked at of what it is
    /// given and of what is in there; false ends the glance.
    using OnDir = std::function<bool(Target, const Handle&)>;
    std::optional<Glance> glance(const Handle& root, const std::string& name,
                                 const Plain* plain = nullptr, const OnDir& on_dir = {}) const;

  private:
    const Kernel& kernel_;
    std::span<const std::string> key_files_;
    std::uint64_t secret_;
};

} // namespace sshpermd
