// Gates: what must be true of something that is not the account's before it may be given to it.
#pragma once

#include "finding/finding.hpp"
#include "finding/observed.hpp"

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sshpermd {

/// The largest key file that is read.
inline constexpr std::size_t max_key_file = std::size_t{1} << 20U;

/// The most entries of a `.ssh` that are looked at.
inline constexpr std::size_t max_ssh_entries = 256;

/// What one look into a key file found besides what it is.
struct KeyFileContent {
    std::string text;              ///< at most max_key_file bytes
    bool too_large = false;        ///< there was more
    bool has_capabilities = false; ///< file capabilities (setcap)
};

/// May a key file that belongs to root be given to the account? Only when nothing else is reached
/// through it: one link, no privileges of its own, and nothing in it but keys and comments.
std::optional<RefusalReason> refuse_key_file(const Observed& observed,
                                             const KeyFileContent& content);

struct DirEntry {
    std::string name;
    FileType type = FileType::file;
    uid_t owner = 0;
};

/// May a `.ssh` that belongs to root be given to the account? Only when it holds nothing but what
/// ssh itself keeps there, of root's or the account's own.
std::optional<RefusalReason> refuse_ssh_dir(std::span<const DirEntry> entries, uid_t account);

/// Is this a name that ssh, its agents and its users' tools keep in `.ssh`?
bool is_ssh_file_name(std::string_view name);

/// While one repairer works on a `.ssh` it belongs to root with one of these modes, which no honest
/// directory has. Whoever finds it finishes what was begun: with the first, what is in it has still
/// to be judged, because others could have written it (also when its owner has it still: the mark
/// comes first); with the second, nobody could.
inline constexpr Mode frozen_mode{01700};
inline constexpr Mode frozen_unexposed_mode{01500};
bool is_frozen(const Observed& ssh_dir);

/// A home that is already shut to others and not yet right. The account's own, group root, with the
/// first mode: sshd refuses it (misc.c safe_path() of OpenSSH: writable for a group), its account
/// keeps its rights, nobody else has any. Or root's, with the second, where an ACL or another owner
/// would leave somebody rights.
inline constexpr Mode closing_mode{0770};
inline constexpr Mode closing_mode_of_roots{01700};
bool is_closing(const Observed& home, uid_t account);

} // namespace sshpermd
