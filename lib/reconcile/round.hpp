// Round: one pass over a home root or one account — observe the whole chain, judge it, plan, apply,
// report.
#pragma once

#include "finding/exposure.hpp"
#include "policy/config.hpp"
#include "policy/homes.hpp"
#include "reconcile/chain.hpp"
#include "repair/report.hpp"
#include "system/handle.hpp"
#include "system/machine.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sshpermd {

/// May a round change anything?
enum class Hand { look, repair };

/// A home root as one round found it. Held no longer than the round lasts: a held descriptor would
/// keep its file system from being unmounted.
struct RootRound {
    Report report;
    std::optional<Handle> dir; ///< nothing when there is nothing to look into
    Exposure exposure;         ///< of the root as it was before any repair
    bool safe = false;         ///< what is below may be changed
};

/// An account's chain as one round found it.
struct HomeRound {
    std::vector<Report> reports; ///< outermost first; their accounts are the Home's
    std::optional<Handle> home;
    std::optional<Handle> ssh_dir; ///< to be watched, whoever owns it
};

class Round {
  public:
    /// Asked before each repair; false puts the repair off.
    using Gate = std::function<bool(const Report&)>;

    /// Everything referred to outlives the round.
    Round(Machine& machine, const Config& config, const Accounts& accounts, gid_t root_group,
          Hand hand, Gate gate = {})
        : machine_(machine),
          config_(config),
          accounts_(accounts),
          root_group_(root_group),
          hand_(hand),
          gate_(std::move(gate)) {}

    /// Looks at a home root and repairs it; "/" (of root's own home) is never judged. What goes
    /// wrong is in the report, nothing is thrown.
    RootRound root(const std::string& path);

    /// Looks at the whole chain of one account before anything in it is changed, then repairs from
    /// outside in. What cannot be trusted ends the chain: nothing below it is touched.
    HomeRound home(const RootRound& root, const Home& home);

  private:
    Chain look_at_chain(const RootRound& root, const Home& home);
    bool step(Chain& chain, Target target, std::string path, const Home& home,
              const std::function<Opened()>& open, Exposure& exposure);
    void repair_plainly(Chain& chain);
    void repair_under_hold(Chain& chain);
    void repair_key_under_hold(Link& key, const Handle& ssh_dir);
    bool may_begin(Report& report);
    void change(Report& report, const Handle& handle);

    std::optional<Handle> look(Report& report, Opened opened, Exposure& exposure, const Rule& rule);
    void judge_observed(Report& report, const Rule& rule, Exposure& exposure);
    void repair(Report& report, const Handle& handle);

    Machine& machine_;
    const Config& config_;
    const Accounts& accounts_;
    gid_t root_group_;
    Hand hand_;
    Gate gate_;
};

} // namespace sshpermd
