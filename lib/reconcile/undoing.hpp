// Undoing: one repair taken back, on the very object that it was made on and on no other.
#pragma once

#include "event/undo.hpp"
#include "policy/homes.hpp"
#include "reconcile/chain.hpp"
#include "reconcile/repairer.hpp"
#include "reconcile/request.hpp"
#include "reconcile/round.hpp"

#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace sshpermd {

/// Set-id and sticky bits are never given back: not needed for a login, and the sticky one is what
/// a repair marks directories with.
inline constexpr Mode never_given_back{07000};

/// What came of it. When it was undone, `made` has the slot that its record frees.
struct MadeUndo {
    Undo undo;
    Report made;
};

/// Nothing has become of it yet.
Undo blank_undo(const UndoRequest& request);

/// Mode, owner and group as the record has them, for an object with the recorded identity that is
/// still as the repair left it; the content is never touched. Refused for any other, and where the
/// configuration in force would have it repaired again.
///
/// A key file that goes to another owner goes under the same conditions as one that is taken over:
/// its `.ssh` held, one link, nobody with it open for writing; else its account could give root a
/// file of its own making at a place of its own choice.
class Undoing {
  public:
    /// All outlive this.
    Undoing(Repairer& repairer, const Accounts& accounts, const UndoRequest& request);

    /// Of something in an account's chain that was looked at a moment ago.
    MadeUndo run(const Home& home, const Chain& chain);

    /// Of a home root.
    MadeUndo run(const RootRound& root, const Rule& rule, gid_t group);

    void refuse(std::string reason, std::string why, std::string fix = {});
    MadeUndo take() { return std::move(result_); }

  private:
    /// What is to be given back.
    struct Object {
        const Handle& handle;
        const Rule& rule;
        Expected policy;  ///< what the rule wants
        std::string name; ///< in the directory that it is in
        std::string path; ///< for people
        bool is_withheld = false;
    };

    void refuse(RefusalReason reason, const std::string& fix = {});
    void fail(const Failure& failure);
    void fail(const std::system_error& error);
    bool fits(const Object& object, const Observed& seen);
    bool is_kept(const Object& object, const Observed& seen) const;
    void undo(const Object& object, const Link* ssh_dir);
    void give_back(const Object& object, const Observed& seen, const Link* ssh_dir);
    void give_back_held(const Object& object, const Observed& seen, const Link& ssh_dir);
    bool may_go(const Object& object, const Handle& dir);
    void set(const Handle& handle, const Observed& seen);
    const Link* find_in(const Chain& chain) const;
    void refuse_absent(const Link* link);
    void undo_client_file(const Home& home, const Link& ssh_dir);

    Repairer& repairer_;
    const Accounts& accounts_;
    const UndoRequest& request_;
    const Expected wanted_;
    const Account* account_ = nullptr;
    MadeUndo result_;
};

} // namespace sshpermd
