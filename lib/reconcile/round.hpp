// Round: one pass over a home root or one account — observe the whole chain, judge it, plan, apply,
// report.
#pragma once

#include "finding/exposure.hpp"
#include "policy/config.hpp"
#include "policy/homes.hpp"
#include "reconcile/chain.hpp"
#include "reconcile/held_repair.hpp"
#include "reconcile/learn.hpp"
#include "reconcile/repairer.hpp"
#include "reconcile/takeover.hpp"
#include "record/memory.hpp"
#include "record/trust.hpp"
#include "repair/report.hpp"
#include "system/handle.hpp"
#include "system/machine.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sshpermd {

struct WantedKey;
struct AddedKey;
struct UndoRequest;
struct MadeUndo;

/// A home root as one round found it. Held no longer than the round lasts: a held descriptor would
/// keep its file system from being unmounted.
struct RootRound {
    Report report;
    std::optional<Handle> dir; ///< nothing when there is nothing to look into
    Exposure exposure;         ///< of the root as it was before any repair
    bool safe = false;         ///< what is below may be changed
    bool was_open = false;     ///< others could, at some time, move what is below

    /// Nothing that is wrong with it changes how what is below is judged.
    bool is_plain() const { return dir && safe && !report.exposed && !report.failure; }
};

/// An account's chain as one round found it.
struct HomeRound {
    /// Outermost first, those of the client's side last; their accounts are the Home's.
    std::vector<Report> reports;
    std::optional<Handle> home;
    std::optional<Handle> ssh_dir; ///< to be watched, whoever owns it
    bool has_read_keys = false;    ///< to learn them
    bool is_all_known = false;     ///< nothing is left to learn until something changes
};

class Round {
  public:
    using Gate = Repairer::Gate;

    /// Everything referred to outlives the round. Nothing is known of the past, and nothing
    /// learned, unless remember_in() is called.
    Round(Machine& machine, const Config& config, const Accounts& accounts, gid_t root_group,
          Hand hand, Gate gate = {})
        : machine_(machine),
          config_(config),
          accounts_(accounts),
          root_group_(root_group),
          repairer_(machine, hand, std::move(gate)) {}

    Round(const Round&) = delete; // refers into itself
    Round& operator=(const Round&) = delete;
    ~Round() = default;

    /// The memory is used, and added to as far as `learn` goes. It outlives the round.
    void remember_in(Memory& memory, Learn learn) {
        memory_ = &memory;
        learn_ = learn;
    }

    KeyWatch* key_watch = nullptr; ///< of the account that home() is called for
    Word word;                     ///< an operator's, for every account of this round

    /// Looks at a home root and repairs it; "/" (of root's own home) is never judged. What goes
    /// wrong is in the report, nothing is thrown.
    RootRound root(const std::string& path);

    /// Looks at the whole chain of one account before anything in it is changed, then repairs from
    /// outside in. What cannot be trusted ends the chain: nothing below it is touched. `hints` save
    /// learning the same again.
    HomeRound home(const RootRound& root, const Home& home, Hints* hints = nullptr);

    /// Adds a key (reconcile/key_adding.hpp). Pre: home() has just been called, and obstacle_to()
    /// finds none; root() was called since, so that what was repaired is seen as it is now.
    AddedKey add_key(const RootRound& root, const Home& home, const WantedKey& wanted);

    /// Takes a repair back (reconcile/undoing.hpp), of a home, or without one of the root itself;
    /// with Hand::look it says what would come of it. Pre: root() has just been called.
    MadeUndo undo(const RootRound& root, const Home* home, const UndoRequest& request);

  private:
    Chain look_at_chain(const RootRound& root, const Home& home, Grounds& grounds);
    bool step(Chain& chain, Target target, const std::string& name, const Home& home,
              const std::function<Opened()>& open, Exposure& exposure, Grounds& grounds);
    void look_at(Report& report, const Handle& handle);
    void judge_observed(Report& report, const Rule& rule, Exposure& exposure);
    void weigh_home(const Link& home, Exposure& exposure, Grounds& grounds) const;
    HeldRepair::Outcome repair(Chain& chain, const Grounds& grounds, Hints* hints,
                               bool is_last_look);
    void repair_plainly(Chain& chain, Hints* hints);
    void leave_withheld(Link& link, std::size_t place, Hints* hints);
    Vouchers vouchers_for(const Account& account) const;
    void remember(const Chain& chain, const Home& home, bool was_frozen, Hints* hints,
                  HomeRound& round);

    Machine& machine_;
    const Config& config_;
    const Accounts& accounts_;
    gid_t root_group_;
    Repairer repairer_;
    Memory nothing_known_;
    Memory* memory_ = &nothing_known_;
    Learn learn_ = Learn::nothing;
};

} // namespace sshpermd
