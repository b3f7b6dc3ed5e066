// Walks over a real home, for the tests of them. Needs root.
#pragma once

#include "temp_home.hpp"

#include "reconcile/tree_repair.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <set>
#include <string>
#include <vector>

namespace sshpermd {

/// A home, and somebody without an account whose files may be taken.
struct WalkedHome {
    static constexpr uid_t other = 61777;
    static constexpr uid_t stranger = 61888; ///< whose may not

    TempHome home;
    TempRoot run;
    std::set<uid_t> taken{other};
    std::vector<TreeChange> recorded;
    TreeTally tally;
    std::set<std::string> targets{".ssh", ".ssh/authorized_keys"};
    std::set<std::string> homes;
    TreeRepair::Alone alone;

    std::string notes_path() const { return run.path() + "/tree"; }
    TreeOwner whose() const { return {"alice", home.path(), TempHome::uid, TempHome::gid}; }

    void file(const std::string& below, uid_t owner, unsigned mode = 0644) const {
        std::ofstream{home.path(below)} << below;
        home.chown(below, owner, owner);
        home.chmod(below, mode);
    }
    void dir(const std::string& below, uid_t owner, unsigned mode = 0755) const {
        mkdir(home.path(below).c_str(), 0700);
        home.chown(below, owner, owner);
        home.chmod(below, mode);
    }
    bool is_theirs(const std::string& below) const {
        const auto seen = home.look(below);
        return seen.owner == TempHome::uid && seen.group == TempHome::gid;
    }
    std::uint64_t left(LeftReason reason) const {
        return tally.left.at(static_cast<std::size_t>(reason)).count;
    }
    Handle open_home() const {
        return Handle{UniqueFd{open(home.path().c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)}};
    }

    /// One walk; false when `go_on` ended it.
    bool walk(Hand hand = Hand::repair, const TreeRepair::GoOn& go_on = {}) {
        Machine machine;
        machine.kernel = home.kernel;
        const TreeRequest request{whose(), hand, [&](uid_t uid) { return taken.contains(uid); },
                                  targets, homes};
        std::optional<TreeNotes> notes;
        if (hand == Hand::repair)
            notes.emplace(notes_path()).begin(whose());
        TreeRepair repair{machine,
                          request,
                          notes ? &*notes : nullptr,
                          [&](const TreeTally& so_far) { return !go_on || go_on(so_far); },
                          [&](std::span<const TreeChange> changes) {
                              recorded.insert(recorded.end(), changes.begin(), changes.end());
                          },
                          alone};
        const bool is_whole = repair.run(open_home());
        tally = repair.tally();
        if (notes)
            notes->forget();
        return is_whole;
    }
};

} // namespace sshpermd
