#include "reconcile/round.hpp"

#include "finding/gate.hpp"
#include "finding/sshd_rule.hpp"
#include "reconcile/takeover.hpp"
#include "repair/plan.hpp"
#include "system/apply.hpp"
#include "system/content.hpp"
#include "system/hold.hpp"
#include "system/home_root.hpp"

#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

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

/// An immutable directory of the account's own, and one of root's, can still be looked into;
/// anything else that is refused cannot be trusted to lead to the account's files.
bool ends_chain(const Report& report) {
    const auto* const refusal = std::get_if<Refusal>(&report.finding);
    return refusal != nullptr && refusal->reason != RefusalReason::immutable &&
           !(report.observed->type == FileType::dir && report.observed->owner == 0);
}

void fail(Report& report, const std::system_error& error) {
    report.action = Action::failed;
    report.failure = Failure{error.code().value(), doing_of(error)};
}

Report report_on(Target target, std::string path, const Home& home) {
    Report report;
    report.target = target;
    report.path = std::move(path);
    report.account = &home.account;
    report.expected = {home.policy.rule(target).mode, home.account.uid, home.account.gid};
    report.finding = Missing{};
    return report;
}

} // namespace

void Round::judge_observed(Report& report, const Rule& rule, Exposure& exposure) {
    const auto& observed = *report.observed;
    report.blocks_login = blocks_login(report.target, observed, report.account, accounts_);
    report.exposed = exposure.step(observed);
    report.finding =
        rule.ignore ? Finding{Compliant{}}
                    : judge(report.target, observed, report.expected, rule, report.blocks_login);
}

std::optional<Handle> Round::look(Report& report, Opened opened, Exposure& exposure,
                                  const Rule& rule) {
    if (auto* const refusal = std::get_if<Refusal>(&opened)) {
        report.finding = *refusal;
        return std::nullopt;
    }
    auto* const handle = std::get_if<Handle>(&opened);
    if (handle == nullptr)
        return std::nullopt;
    report.observed = handle->observe();
    if (acl_matters(*report.observed, report.account))
        handle->observe_acl(*report.observed);
    judge_observed(report, rule, exposure);
    return std::move(*handle);
}

bool Round::may_begin(Report& report) {
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

void Round::change(Report& report, const Handle& handle) {
    const auto& drift = std::get<Drift>(report.finding);
    const auto start = std::chrono::steady_clock::now();
    report.wrong_for = age(drift.was);
    machine_.note_begin(report);
    report.failure = apply(machine_.kernel, handle, plan(drift));
    report.after = handle.observe();
    machine_.note_done(report);
    report.duration = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - start);
    if (report.failure && report.failure->number == EROFS) {
        report.failure.reset();
        report.finding = Refusal{RefusalReason::read_only};
        return;
    }
    report.action = report.failure ? Action::failed : Action::repaired;
}

void Round::repair(Report& report, const Handle& handle) {
    if (may_begin(report))
        change(report, handle);
}

RootRound Round::root(const std::string& path) {
    RootRound round{{}, {}, Exposure{nullptr, accounts_}, false};
    auto& report = round.report;
    report.target = Target::home_root;
    report.path = path;
    report.expected = {config_.home_root.mode, 0, root_group_};
    report.finding = Missing{};
    try {
        const bool judged = path != "/";
        Rule unjudged;
        unjudged.ignore = true;
        round.dir = look(report, open_home_root(machine_, path), round.exposure,
                         judged ? config_.home_root : unjudged);
        if (!round.dir)
            return round;
        repair(report, *round.dir);
        round.safe = is_safe_above(report.after ? *report.after : *report.observed);
        if (!round.safe && is_settled(report))
            report.finding = Refusal{RefusalReason::unsafe_root};
    } catch (const std::system_error& error) {
        report.failure = Failure{error.code().value(), doing_of(error)};
    }
    return round;
}

bool Round::step(Chain& chain, Target target, std::string path, const Home& home,
                 const std::function<Opened()>& open, Exposure& exposure) {
    auto& link = chain.emplace_back();
    link.report = report_on(target, std::move(path), home);
    link.rule = &home.policy.rule(target);
    try {
        link.handle = look(link.report, open(), exposure, *link.rule);
        link.is_dir = link.handle && link.report.observed->type == FileType::dir;
        link.leads_on = link.handle && !ends_chain(link.report);
    } catch (const std::system_error& error) {
        link.report.failure = Failure{error.code().value(), doing_of(error)};
    }
    return link.leads_on;
}

Chain Round::look_at_chain(const RootRound& root, const Home& home) {
    Chain chain;
    chain.reserve(2 + config_.key_files.size()); // the steps refer to links before them
    auto exposure = root.exposure.for_account(home.account);
    const auto path = home.path();
    const auto open_it = [&]() -> Opened {
        if (home.shared)
            return Refusal{RefusalReason::ambiguous_account};
        return open_home(machine_, *root.dir, home.name);
    };
    const auto open_in = [&](std::size_t index, const std::string& name) {
        return [&, index] { return open_child(machine_.kernel, *chain[index].handle, name); };
    };
    const std::string ssh = ".ssh";
    if (!step(chain, Target::home, path, home, open_it, exposure) ||
        !step(chain, Target::ssh_dir, path + "/" + ssh, home, open_in(0, ssh), exposure))
        return chain;
    for (const auto& name : config_.key_files)
        step(chain, Target::authorized_keys, path + "/" + ssh + "/" + name, home, open_in(1, name),
             exposure);
    return chain;
}

void Round::repair_plainly(Chain& chain) {
    for (auto& link : chain) {
        try {
            if (link.handle)
                repair(link.report, *link.handle);
        } catch (const std::system_error& error) {
            fail(link.report, error);
        }
    }
}

void Round::repair_key_under_hold(Link& key, const Handle& ssh_dir) {
    auto& report = key.report;
    if (!std::holds_alternative<Drift>(report.finding))
        return;
    const auto name = report.path.substr(report.path.rfind('/') + 1);
    auto opened = open_child(machine_.kernel, ssh_dir, name);
    auto* const handle = std::get_if<Handle>(&opened);
    if (handle == nullptr) {
        report.finding = Missing{};
        return;
    }
    key.handle = std::move(*handle);
    report.observed = key.handle->observe();
    report.finding =
        judge(report.target, *report.observed, report.expected, *key.rule, report.blocks_login);
    admit_key_of_root(key);
    if (std::holds_alternative<Drift>(report.finding))
        change(report, *key.handle);
}

void Round::repair_under_hold(Chain& chain) {
    auto& ssh_dir = chain[1];
    bool may = true;
    for (auto link = chain.begin() + 1; link != chain.end(); ++link)
        if (std::holds_alternative<Drift>(link->report.finding))
            may = may_begin(link->report) && may;
    if (!may) {
        for (auto link = chain.begin() + 1; link != chain.end(); ++link)
            if (std::holds_alternative<Drift>(link->report.finding) &&
                link->report.action == Action::none)
                link->report.action = Action::deferred;
        return;
    }

    auto& report = ssh_dir.report;
    const auto was = *report.observed;
    const auto* const drift = std::get_if<Drift>(&report.finding);
    const Expected in_the_end =
        drift != nullptr ? drift->expected : Expected{was.mode, was.owner, was.group};
    Hold hold{machine_.kernel, *ssh_dir.handle, was, in_the_end};
    if (was.owner == 0 && !is_frozen(was) &&
        refuse_ssh_dir(read_entries(machine_.kernel, *ssh_dir.handle), report.expected.owner)) {
        hold.give_up();
        report.finding = Refusal{RefusalReason::unknown_entries};
        return;
    }
    const auto start = std::chrono::steady_clock::now();
    for (auto key = chain.begin() + 2; key != chain.end(); ++key) {
        try {
            repair_key_under_hold(*key, *ssh_dir.handle);
        } catch (const std::system_error& error) {
            fail(key->report, error);
        }
    }
    report.failure = hold.release();
    if (drift == nullptr && !report.failure)
        return;
    report.wrong_for = age(was);
    report.after = ssh_dir.handle->observe();
    report.duration = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - start);
    report.action = report.failure ? Action::failed : Action::repaired;
}

HomeRound Round::home(const RootRound& root, const Home& home) {
    HomeRound round;
    if (!root.dir || (hand_ == Hand::repair && !root.safe))
        return round;

    auto chain = look_at_chain(root, home);
    try {
        admit_what_is_roots(machine_.kernel, chain, root.report.exposed);
        if (needs_hold(chain)) {
            repair(chain[0].report, *chain[0].handle);
            repair_under_hold(chain);
        } else {
            repair_plainly(chain);
        }
    } catch (const std::system_error& error) {
        fail(chain.back().report, error);
    }

    if (chain[0].is_dir)
        round.home = std::move(chain[0].handle);
    // Also one of another owner: when it is given to the account, only its own watch tells.
    if (chain.size() > 1 && chain[1].is_dir)
        round.ssh_dir = std::move(chain[1].handle);
    for (std::size_t i = 0; i < chain.size(); ++i) {
        const auto& report = chain[i].report;
        const bool is_absent_spare =
            i > 2 && std::holds_alternative<Missing>(report.finding) && !report.failure;
        if (!is_absent_spare)
            round.reports.push_back(std::move(chain[i].report));
    }
    return round;
}

} // namespace sshpermd
