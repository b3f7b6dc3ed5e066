// Tree rule: which files below a home may be handed over to its account (sshpermctl repair
// --recursive), and why the others are left.
#pragma once

#include "finding/observed.hpp"
#include "policy/mode.hpp"

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace sshpermd {

/// Why a file below a home is left as it is, although it is not the account's. What is left and is
/// a directory is not entered: what lies below it is its owner's business.
enum class LeftReason {
    root_owned,        ///< root's, and nobody said that root's files are the account's
    foreign_owner,     ///< somebody's: of an account, a system uid, a container, a user namespace
    hard_linked,       ///< reached under another name, too
    set_id,            ///< with set-id bits or file capabilities
    special_file,      ///< a FIFO, socket or device
    other_file_system, ///< a mount in its place
    immutable,         ///< chattr +i or +a
    another_home,      ///< the home of another account
    moved,             ///< somebody moved directories meanwhile: to be run again
};
inline constexpr std::size_t left_reasons = 9;

std::string_view word(LeftReason reason);

/// Half a sentence, for a person.
std::string_view why(LeftReason reason);

/// Whose files may be handed over: decided by the uid alone.
enum class Title { none, admitted };

/// Is this the mark of a repairer that was cut off (root's, 01700), which no honest directory has?
bool is_marked(const Observed& seen);

/// What keeps something that is not the account's from being handed over. The last word has the
/// look while nobody can change a name in its directory: only then is one link one link.
/// `has_capabilities` is of a regular file that may be executed.
std::optional<LeftReason> why_left(const Observed& seen, Title title, bool has_capabilities);

} // namespace sshpermd
