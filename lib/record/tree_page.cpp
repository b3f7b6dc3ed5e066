#include "record/tree_page.hpp"

#include <algorithm>

namespace sshpermd {
namespace {

/// The size that is noted is the text's, also when there is no room for it.
template <std::size_t size>
std::uint32_t copy_whole(std::string_view text, std::array<char, size>& to) {
    if (text.size() <= size)
        std::copy(text.begin(), text.end(), to.begin());
    return static_cast<std::uint32_t>(text.size());
}

template <std::size_t size>
std::optional<std::string> text_of(const std::array<char, size>& from, std::uint32_t length) {
    if (length > size)
        return std::nullopt;
    return std::string{from.data(), length};
}

} // namespace

void note_owner(TreePage& page, const TreeOwner& whose) {
    page.uid = whose.uid;
    page.gid = whose.gid;
    page.user_size = copy_whole(whose.user, page.user);
    page.home_size = copy_whole(whose.home, page.home);
}

void note_held(TreePage& page, std::string_view path, const Observed& was) {
    page.held_inode = was.inode;
    page.held_mode = was.mode.bits();
    page.held_owner = was.owner;
    page.held_group = was.group;
    page.path_size = copy_whole(path, page.path);
}

void note_made(TreePage& page, const MadeDirectory& made) {
    page.made_inode = made.inode;
    page.made_mode = made.expected.mode.bits();
}

std::optional<TreeLeftover> read_page(const TreePage& page) {
    const auto user = text_of(page.user, page.user_size);
    const auto home = text_of(page.home, page.home_size);
    if (!user || !home || user->empty() || !home->starts_with('/') ||
        page.changed > page.changes.size() || page.held_mode > 07777U || page.made_mode > 07777U ||
        page.time_us < 0)
        return std::nullopt;
    TreeLeftover leftover{{*user, *home, page.uid, page.gid}, {}, std::nullopt, page.time_us};
    leftover.changes.assign(page.changes.begin(), page.changes.begin() + page.changed);
    if (const auto path = text_of(page.path, page.path_size); page.is_held == 1 && path)
        leftover.held = HeldDirectory{*path, page.held_inode, Mode{page.held_mode}, page.held_owner,
                                      page.held_group};
    for (const auto target : {Target::home, Target::ssh_dir})
        if (page.is_made == made_word(target))
            leftover.made =
                MadeDirectory{target, page.made_inode, {Mode{page.made_mode}, page.uid, page.gid}};
    return leftover;
}

} // namespace sshpermd
