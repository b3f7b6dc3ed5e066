// Findings: what one look at a target means, judged against what the policy expects.
#pragma once

#include "finding/observed.hpp"
#include "policy/config.hpp"

#include <sys/types.h>

#include <optional>
#include <string_view>
#include <variant>
#include <vector>

namespace sshpermd {

/// In what way a target differs from the policy. Worst first in every list of them.
enum class DriftReason { too_open, wrong_owner, too_tight, wrong_group, special_bits };

/// Why a target is left alone although it is wrong. A root process must not be talked into
/// changing a file that its user merely pointed at.
enum class RefusalReason {
    symlink,           ///< a link where the thing itself must be
    wrong_type,        ///< a FIFO, socket, device, directory or file in its place
    foreign_owner,     ///< the object belongs to neither the account nor (for a home) root
    root_owned_home,   ///< a home that belongs to root
    other_file_system, ///< a mount in its place, or a file system that can block its reader
    unsafe_root,       ///< somebody besides root can replace what lies below the home root
    ambiguous_account, ///< several accounts share this home
    hard_linked,       ///< not the account's, and reached under another name, too
    set_id,            ///< not the account's, with set-id bits or file capabilities
    not_a_key_file,    ///< not the account's, and more in it than keys and comments
    unknown_entries,   ///< a `.ssh` of root's with more in it than ssh's own files
    content_unknown,   ///< others could have written it, and nobody vouches for what is in it
    too_large,         ///< not the account's, and larger than any key file
    immutable,         ///< chattr +i or +a
    read_only,         ///< the file system is mounted read-only
};

std::string_view word(DriftReason reason);
std::string_view word(RefusalReason reason);

/// Why it is left alone, for a person: half a sentence.
std::string_view why(RefusalReason reason);

/// What the policy wants a target to be, for one account.
struct Expected {
    Mode mode;
    uid_t owner = 0;
    gid_t group = 0;

    friend bool operator==(const Expected&, const Expected&) = default;
};

struct Compliant {
    friend bool operator==(Compliant, Compliant) = default;
};
/// No such file. Not an error: many accounts have no keys.
struct Missing {
    friend bool operator==(Missing, Missing) = default;
};
struct Drift {
    Observed was;
    Expected expected; ///< an accepted mode is its own expectation
    std::vector<DriftReason> reasons;

    friend bool operator==(const Drift&, const Drift&) = default;
};
struct Refusal {
    RefusalReason reason;

    friend bool operator==(Refusal, Refusal) = default;
};

using Finding = std::variant<Compliant, Missing, Drift, Refusal>;

/// The word for a finding's `result`: compliant, drift, refused or missing.
std::string_view word(const Finding& finding);

/// Pure: never looks at the file system; the same arguments give the same finding. Pre: the target
/// is of the chain to the keys.
/// `blocks` is what blocks_login() said of the same object (an `accept` of "sshd" rests on it).
///
/// Only what the account already owns, and the home root itself, can be a drift here. Any other
/// owner is a refusal: giving a file away in a directory that its user controls needs more than a
/// look.
Finding judge(Target target, const Observed& observed, const Expected& expected, const Rule& rule,
              std::optional<bool> blocks);

/// The same for a regular file of ssh(1)'s own: its mode only, and only of the account's. A
/// configuration of root's that nobody else may write is as good (readconf.c
/// read_config_file_depth() of OpenSSH). Pre: is_client_side(target); `expected` has the owner and
/// group that were observed.
Finding judge_client_file(Target target, const Observed& observed, const Expected& expected,
                          const Rule& rule, uid_t account);

/// What differs, whoever owns it: compliant, a drift, or immutable. For what the caller has found
/// fit to be given to its account.
Finding judge_whoever_owns(const Observed& observed, const Expected& expected, const Rule& rule);

} // namespace sshpermd
