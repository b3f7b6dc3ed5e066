#include "reconcile/repairer.hpp"

#include "repair/plan.hpp"
#include "system/apply.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>

namespace sshpermd {
namespace {

/// "open .ssh: Permission denied" → "open .ssh": what() without its errno text.
std::string doing_of(const std::system_error& error) {
    std::string what = error.what();
    const auto suffix = ": " + error.code().message();
    if (what.ends_with(suffix))
        what.resize(what.size() - suffix.size());
    return what;
}

/// Since the last change of mode or owner. A clock set back in between gives nothing.
std::optional<std::chrono::microseconds> age(const Observed& observed) {
    const std::chrono::microseconds age{coarse_now_us() - observed.changed_us};
    return age.count() < 0 ? std::nullopt : std::optional{age};
}

} // namespace

void fail_to_look(Report& report, const std::system_error& error) {
    report.failure = Failure{error.code().value(), doing_of(error)};
}

void fail(Report& report, const std::system_error& error) {
    report.action = Action::failed;
    fail_to_look(report, error);
}

bool Repairer::may_begin(Report& report) {
    if (!std::holds_alternative<Drift>(report.finding))
        return false;
    if (hand_ == Hand::look) {
        report.action = Action::would_repair;
        return false;
    }
    if (gate_ && !gate_(report)) {
        report.action = Action::deferred;
        return false;
    }
    if (!machine_.kernel.can_repair()) {
        report.action = Action::failed;
        report.failure = Failure{ENOSYS, "set a mode without /proc and without fchmodat2"};
        return false;
    }
    report.tried = true;
    return true;
}

bool Repairer::may_begin_all(Chain& chain) {
    const auto is_open = [](const Link& link) { return is_drift(link) && !link.withheld; };
    bool may = true;
    for (auto& link : chain)
        if (is_open(link))
            may = may_begin(link.report) && may;
    if (may)
        return true;
    for (auto& link : chain) {
        auto& report = link.report;
        if (!is_open(link) || report.action != Action::none)
            continue;
        report.action = Action::deferred;
        report.tried = false;
    }
    return false;
}

std::optional<Failure> Repairer::bring_to(const Expected& expected, const Handle& handle) const {
    return apply(machine_.kernel, handle, plan({handle.observe(), expected, {}}));
}

Repairer::Clock::time_point Repairer::begin(Report& report) {
    const auto now = Clock::now();
    machine_.note_begin(report);
    if (report.observed && !report.wrong_for)
        report.wrong_for = age(*report.observed);
    return now;
}

void Repairer::end(Report& report, const Handle& handle, Clock::time_point begun) {
    report.after = handle.observe();
    report.handle = handle.identity();
    report.duration = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begun);
    machine_.note_done(report);
}

void Repairer::drop(Report& report) {
    machine_.forget(report);
    report.slot.reset();
}

void Repairer::change(Report& report, const Handle& handle) {
    const auto& drift = std::get<Drift>(report.finding);
    const auto begun = begin(report);
    report.failure = apply(machine_.kernel, handle, plan(drift));
    end(report, handle, begun);
    if (report.failure && report.failure->number == EROFS) {
        report.failure.reset();
        report.finding = Refusal{RefusalReason::read_only};
        return;
    }
    report.action = report.failure ? Action::failed : Action::repaired;
}

} // namespace sshpermd
