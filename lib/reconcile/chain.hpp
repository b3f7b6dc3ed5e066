// Chain: an account's links from its home to its keys while a round lasts.
#pragma once

#include "policy/config.hpp"
#include "record/memory.hpp"
#include "repair/report.hpp"
#include "system/handle.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace sshpermd {

struct Link {
    Report report;
    const Rule* rule = nullptr; ///< outlives the round
    std::string thing;          ///< what the memory calls it: "home", "ssh_dir", a key file's name
    std::optional<Handle> handle; ///< nothing when there is nothing to look at
    bool is_dir = false;
    bool leads_on = false; ///< may be looked into
    bool withheld = false; ///< closed by us, and still so
};

/// The home first, then `.ssh`, then its key files; shorter where it could not be followed.
using Chain = std::vector<Link>;

inline constexpr std::size_t at_home = 0;
inline constexpr std::size_t at_ssh_dir = 1;
inline constexpr std::size_t at_keys = 2;

inline bool is_drift(const Link& link) {
    return std::holds_alternative<Drift>(link.report.finding);
}
inline bool is_refused(const Link& link) {
    return std::holds_alternative<Refusal>(link.report.finding);
}
inline void refuse(Link& link, RefusalReason reason) { link.report.finding = Refusal{reason}; }

/// What it is to be in the end: what is expected of a drift, else what it was.
Expected in_the_end(const Link& link);

/// What the memory knows a withheld link by; a file system without identities gives the inode's
/// number.
FileIdentity mark_of(const Link& link);

/// Must names in this chain's `.ssh` be kept from changing while it is repaired, because something
/// in it changes hands?
bool needs_hold(const Chain& chain);

/// Could others have written, or replaced, something that sshd would trust once it is right?
bool is_exposed(const Chain& chain);

/// Is there something in an exposed chain for a repair to do? Else it would hold it again and
/// again.
bool is_left_undone(const Chain& chain);

/// Is something in it closed because nobody vouches for it?
bool has_withheld(const Chain& chain);

/// Was it found as a repairer left it that was cut off?
bool has_frozen(const Chain& chain);

/// Is this a link that we closed because nobody vouched for it, and that nobody has touched since?
bool is_withheld(const Memory& memory, const Link& link);

/// Could sshd be led to keys by this, once everything above it is right (misc.c safe_path() of
/// OpenSSH: what a link leads to counts, and belongs to root or the account)?
bool may_be_followed(const Link& link);

/// Refused because nobody can change it?
bool is_immutable(const Link& link);

} // namespace sshpermd
