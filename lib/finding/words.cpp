#include "finding/finding.hpp"

#include <array>
#include <cstddef>

namespace sshpermd {

std::string_view word(FileType type) {
    constexpr std::array<std::string_view, 7> words{"file",   "dir",  "symlink", "fifo",
                                                    "socket", "char", "block"};
    return words.at(static_cast<std::size_t>(type));
}

std::string_view word(DriftReason reason) {
    constexpr std::array<std::string_view, 5> words{"too_open", "wrong_owner", "too_tight",
                                                    "wrong_group", "special_bits"};
    return words.at(static_cast<std::size_t>(reason));
}

std::string_view word(RefusalReason reason) {
    constexpr std::array<std::string_view, 15> words{
        "symlink",           "wrong_type",        "foreign_owner",
        "root_owned_home",   "other_file_system", "unsafe_root",
        "ambiguous_account", "hard_linked",       "set_id",
        "not_a_key_file",    "unknown_entries",   "content_unknown",
        "too_large",         "immutable",         "read_only"};
    return words.at(static_cast<std::size_t>(reason));
}

std::string_view why(RefusalReason reason) {
    switch (reason) {
    case RefusalReason::symlink: return "it is a symbolic link";
    case RefusalReason::wrong_type: return "something else is in its place";
    case RefusalReason::foreign_owner: return "it does not belong to the account";
    case RefusalReason::root_owned_home: return "the home belongs to root";
    case RefusalReason::other_file_system:
        return "it is a mount, or on a network or FUSE file system";
    case RefusalReason::unsafe_root: return "somebody besides root can replace what is below it";
    case RefusalReason::ambiguous_account: return "several accounts share this home";
    case RefusalReason::hard_linked:
        return "it is not the account's and has another name elsewhere";
    case RefusalReason::set_id:
        return "it is not the account's and has set-id bits or capabilities";
    case RefusalReason::not_a_key_file:
        return "it is not the account's and holds more than keys and comments";
    case RefusalReason::unknown_entries:
        return "it is not the account's and holds more than ssh's own files";
    case RefusalReason::content_unknown:
        return "others could have written it, and nobody vouches for what is in it";
    case RefusalReason::too_large: return "it is not the account's and is larger than a key file";
    case RefusalReason::immutable: return "it is immutable or append-only (lsattr shows it)";
    case RefusalReason::read_only: return "the file system is mounted read-only";
    }
    return "";
}

std::string_view word(const Finding& finding) {
    constexpr std::array<std::string_view, 4> words{"compliant", "missing", "drift", "refused"};
    return words.at(finding.index());
}

} // namespace sshpermd
