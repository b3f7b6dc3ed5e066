#include "finding/tree_rule.hpp"

#include "finding/gate.hpp"

namespace sshpermd {

std::string_view word(LeftReason reason) {
    constexpr std::array<std::string_view, left_reasons> words{
        "root_owned",        "foreign_owner", "hard_linked",  "set_id", "special_file",
        "other_file_system", "immutable",     "another_home", "moved"};
    return words.at(static_cast<std::size_t>(reason));
}

std::string_view why(LeftReason reason) {
    constexpr std::array<std::string_view, left_reasons> reasons{
        "root's: --owner-from root hands it over",
        "somebody else's, or of a uid that may be: --owner-from names whose",
        "it has another name, through which it may be somebody else's",
        "with set-id bits or capabilities: chown would clear them",
        "a FIFO, a socket or a device",
        "a mount is there",
        "chattr +i or +a",
        "the home of another account",
        "somebody moved it meanwhile: run it again"};
    return reasons.at(static_cast<std::size_t>(reason));
}

bool is_marked(const Observed& seen) {
    return seen.type == FileType::dir && seen.owner == 0 && seen.group == 0 &&
           seen.mode == frozen_mode;
}

std::optional<LeftReason> why_left(const Observed& seen, Title title, bool has_capabilities) {
    if (seen.type != FileType::file && seen.type != FileType::dir && seen.type != FileType::symlink)
        return LeftReason::special_file;
    if (title == Title::none && !is_marked(seen))
        return seen.owner == 0 ? LeftReason::root_owned : LeftReason::foreign_owner;
    if (seen.immutable)
        return LeftReason::immutable;
    if (seen.type == FileType::dir)
        return std::nullopt;
    if (seen.links != 1)
        return LeftReason::hard_linked;
    if (seen.type == FileType::file && (seen.mode.has(06000) || has_capabilities))
        return LeftReason::set_id;
    return std::nullopt;
}

} // namespace sshpermd
