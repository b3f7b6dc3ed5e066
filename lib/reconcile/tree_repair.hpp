// Tree repair: files below a home that are not its account's are handed over to it, as far as
// that is safe (sshpermctl repair --recursive).
#pragma once

#include "finding/tree_rule.hpp"
#include "policy/homes.hpp"
#include "reconcile/repairer.hpp"
#include "repair/report.hpp"
#include "store/tree_notes.hpp"
#include "system/hold.hpp"
#include "system/machine.hpp"
#include "system/tree_walk.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sshpermd {

/// What is asked for.
struct TreeRequest {
    TreeOwner whose;
    Hand hand = Hand::look;
    /// Whose files are the account's by right; asked once for each uid.
    std::function<bool(uid_t owner)> may_take;
    std::set<std::string> targets; ///< paths below the home that an ordinary repair looks after
    std::set<std::string> homes;   ///< of other accounts, below this one
};

struct LeftFiles {
    std::uint64_t count = 0;
    std::vector<std::string> first; ///< paths below the home
    static constexpr std::size_t shown = 10;
};

struct TreeFailure {
    std::string path;
    Failure failure;
};

/// What came of it so far.
struct TreeTally {
    std::uint64_t directories = 0;
    std::uint64_t looked_at = 0;
    std::uint64_t changed = 0; ///< with Hand::look: would be
    std::map<std::pair<uid_t, gid_t>, std::uint64_t> from;
    std::array<LeftFiles, left_reasons> left;
    std::uint64_t failures = 0;
    std::vector<TreeFailure> first_failures;

    void leave(const std::string& path, LeftReason reason);
    void fail(const std::string& path, Failure failure);
};

/// One walk. For each directory: every name in it is opened and judged; where something is to be
/// handed over the directory is held for at most some hundredths of a second at a time, and what
/// is handed over was opened and judged while it was held. So one link is one link.
class TreeRepair {
  public:
    /// Asked between the files; false ends the walk, with nothing held.
    using GoOn = std::function<bool(const TreeTally& tally)>;
    /// Puts on record what is noted, before it is cleared.
    using Record = std::function<void(std::span<const TreeChange> changes)>;
    /// Called with true before a home or its `.ssh` is held, and with false when the walk is done
    /// with it: what the ordinary repairer lets go when it comes across. May throw.
    using Alone = std::function<void(bool wanted)>;

    /// All outlive this. `notes` is null for Hand::look, and only then.
    TreeRepair(Machine& machine, const TreeRequest& request, TreeNotes* notes, GoOn go_on,
               Record record, Alone alone = {});

    /// Pre: the home is the account's, and nobody besides it and root can change what is called
    /// so. False when it was ended. Throws std::runtime_error when a directory cannot be given
    /// back.
    bool run(Handle home);

    const TreeTally& tally() const { return tally_; }

  private:
    using Clock = std::chrono::steady_clock;
    struct Here; ///< the directory that the walk is in

    std::optional<std::vector<std::string>> visit(const Handle& dir, const std::string& path);
    void look(Here& here, const ListedName& name);
    std::optional<LeftReason> judge(const Handle& file, const Observed& seen);
    bool is_admitted(uid_t owner);
    void hand_over(Here& here, const Handle& file, const Observed& seen, const std::string& name);
    void hold(Here& here);
    void give_back(Here& here);
    void flush();
    bool is_still_held(const Here& here) const;
    void want_alone(bool wanted);

    Machine& machine_;
    const TreeRequest& request_;
    TreeNotes* notes_;
    GoOn go_on_;
    Record record_;
    Alone alone_;
    bool is_alone_ = false;
    TreeTally tally_;
    std::unordered_map<uid_t, bool> admitted_;
};

} // namespace sshpermd
