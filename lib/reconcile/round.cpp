#include "reconcile/round.hpp"

#include "finding/sshd_rule.hpp"
#include "repair/plan.hpp"
#include "system/apply.hpp"
#include "system/home_root.hpp"

#include <algorithm>
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

/// An immutable directory of the account's own can still be looked into; anything else that is
/// refused cannot be trusted to lead to the account's files.
bool ends_chain(const Finding& finding) {
    const auto* const refusal = std::get_if<Refusal>(&finding);
    return refusal != nullptr && refusal->reason != RefusalReason::immutable;
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

/// One link of the chain while the round lasts.
struct Round::Link {
    Report report;
    std::optional<Handle> handle;
    bool is_dir = false;
    bool leads_on = false; ///< may be looked into
};

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

void Round::repair(Report& report, const Handle& handle) {
    const auto* const drift = std::get_if<Drift>(&report.finding);
    if (drift == nullptr)
        return;
    if (hand_ == Hand::look) {
        report.action = Action::would_repair;
        return;
    }
    if (gate_ && !gate_(report)) {
        report.action = Action::deferred;
        return;
    }
    if (!machine_.kernel.can_repair()) {
        report.action = Action::failed;
        report.failure = Failure{ENOSYS, "set a mode without /proc and without fchmodat2"};
        return;
    }

    const auto start = std::chrono::steady_clock::now();
    report.wrong_for = age(drift->was);
    report.failure = apply(machine_.kernel, handle, plan(*drift));
    report.after = handle.observe();
    report.duration = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - start);
    if (report.failure && report.failure->number == EROFS) {
        report.failure.reset();
        report.finding = Refusal{RefusalReason::read_only};
        return;
    }
    report.action = report.failure ? Action::failed : Action::repaired;
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

HomeRound Round::home(const RootRound& root, const Home& home) {
    HomeRound round;
    if (!root.dir || (hand_ == Hand::repair && !root.safe))
        return round;

    auto exposure = root.exposure.for_account(home.account);
    std::vector<Link> chain;
    chain.reserve(2 + config_.key_files.size());
    const auto step = [&](Target target, std::string path, auto open) -> Link& {
        auto& link = chain.emplace_back(Link{report_on(target, std::move(path), home), {}});
        try {
            link.handle = look(link.report, open(), exposure, home.policy.rule(target));
            link.is_dir = link.handle && link.report.observed->type == FileType::dir;
            link.leads_on = link.handle && !ends_chain(link.report.finding);
        } catch (const std::system_error& error) {
            link.report.failure = Failure{error.code().value(), doing_of(error)};
        }
        return link;
    };
    const auto open_in = [&](std::size_t index, const std::string& name) {
        return [&, index, name] { return open_child(machine_.kernel, *chain[index].handle, name); };
    };

    const auto home_path = home.path();
    const auto open = [&]() -> Opened {
        if (home.shared)
            return Refusal{RefusalReason::ambiguous_account};
        return open_home(machine_, *root.dir, home.name);
    };
    if (step(Target::home, home_path, open).leads_on &&
        step(Target::ssh_dir, home_path + "/.ssh", open_in(0, ".ssh")).leads_on) {
        for (const auto& name : config_.key_files)
            step(Target::authorized_keys, home_path + "/.ssh/" + name, open_in(1, name));
    }

    for (auto& link : chain) {
        try {
            if (link.handle)
                repair(link.report, *link.handle);
        } catch (const std::system_error& error) {
            link.report.action = Action::failed;
            link.report.failure = Failure{error.code().value(), doing_of(error)};
        }
        const bool absent_spare =
            link.report.target == Target::authorized_keys && &link != &chain[2] &&
            std::holds_alternative<Missing>(link.report.finding) && !link.report.failure;
        if (!absent_spare)
            round.reports.push_back(std::move(link.report));
    }
    if (chain[0].leads_on)
        round.home = std::move(chain[0].handle);
    // Also one of another owner: when it is given to the account, only its own watch tells.
    if (chain.size() > 1 && chain[1].is_dir)
        round.ssh_dir = std::move(chain[1].handle);
    return round;
}

} // namespace sshpermd
