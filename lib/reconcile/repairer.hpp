// Repairer: the hand of a round. Every change of a target goes through it, and is on record before.
#pragma once

#include "reconcile/chain.hpp"
#include "repair/report.hpp"
#include "system/handle.hpp"
#include "system/machine.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <system_error>
#include <utility>

namespace sshpermd {

/// May a round change anything?
enum class Hand { look, repair };

class Repairer {
  public:
    /// Asked before each repair; false puts the repair off.
    using Gate = std::function<bool(const Report&)>;

    /// The machine outlives this.
    Repairer(Machine& machine, Hand hand, Gate gate)
        : machine_(machine), hand_(hand), gate_(std::move(gate)) {}

    Hand hand() const { return hand_; }
    const Kernel& kernel() const { return machine_.kernel; }

    /// Is this a drift that may be repaired now? Says in the report why not.
    bool may_begin(Report& report);
    /// May all drifts? If one may not, none is begun.
    bool may_begin_all(Chain& chain);

    /// Makes a drift right. What the machine denies is in the report.
    void change(Report& report, const Handle& handle);
    void repair(Report& report, const Handle& handle) {
        if (may_begin(report))
            change(report, handle);
    }

    /// From whatever it is by now. Nothing when that worked.
    std::optional<Failure> bring_to(const Expected& expected, const Handle& handle) const;

    using Clock = std::chrono::steady_clock;

    /// Around any other change of a target: puts it on record before, and what it came to after.
    Clock::time_point begin(Report& report);
    void end(Report& report, const Handle& handle, Clock::time_point begun);
    /// Nothing came of it.
    void drop(Report& report);

  private:
    Machine& machine_;
    Hand hand_;
    Gate gate_;
};

/// The machine denied it: puts what it said into the report.
void fail(Report& report, const std::system_error& error);
/// The same for a look, which leaves the action as it was.
void fail_to_look(Report& report, const std::system_error& error);

} // namespace sshpermd
