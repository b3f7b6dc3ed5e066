#include "reconcile/round.hpp"

#include "finding/gate.hpp"
#include "finding/sshd_rule.hpp"
#include "reconcile/client_files.hpp"
#include "system/content.hpp"
#include "system/home_root.hpp"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <system_error>
#include <utility>

namespace sshpermd {
namespace {

const std::string ssh_dir_name = ".ssh";

/// In an open home `.ssh` can be replaced until it is held; `chmod -R` comes to what is held.
constexpr int most_looks = 4;

/// An immutable directory of the account's own, and one of root's or anybody's that may yet be
/// given back, can still be looked into; anything else that is refused leads nowhere.
bool ends_chain(const Report& report) {
    const auto* const refusal = std::get_if<Refusal>(&report.finding);
    return refusal != nullptr && refusal->reason != RefusalReason::immutable &&
           report.observed->type != FileType::dir;
}

/// As the memory calls them.
std::string thing_of(Target target, const std::string& name) {
    return target == Target::authorized_keys ? name : std::string{word(target)};
}

/// A home root as the memory has it: no account is called like a path. "Seen" means that it was
/// once open to others, who may have moved what root owns below it.
Account as_account(const std::string& home_root) { return {home_root, 0, 0, {}}; }

/// A file system that nobody can change is a refusal; all else a failure.
void could_not_repair(Chain& chain, const std::system_error& error) {
    if (error.code().value() != EROFS)
        return fail(chain.back().report, error);
    for (auto& link : chain)
        if (is_drift(link))
            refuse(link, RefusalReason::read_only);
}

/// What the home was before its first look shut it: the next one found it shut.
void tell_of_first(const Report& first, Report& home) {
    if (!home.observed || home.observed->inode != first.observed->inode)
        return;
    home.observed = first.observed;
    home.exposed = first.exposed;
}

} // namespace

void Round::judge_observed(Report& report, const Rule& rule, Exposure& exposure) {
    const auto& observed = *report.observed;
    report.blocks_login = blocks_login(report.target, observed, report.account, accounts_);
    report.finding =
        rule.ignore ? Finding{Compliant{}}
                    : judge(report.target, observed, report.expected, rule, report.blocks_login);
    const bool is_left_alone = rule.ignore && report.account != nullptr;
    report.unguarded = is_left_alone && exposure.others_may_write(observed);
    if (is_left_alone || (std::holds_alternative<Compliant>(report.finding) &&
                          observed.mode != report.expected.mode))
        exposure.pass(); // the administrator accepts it as it is
    else
        report.exposed = exposure.step(observed);
}

void Round::look_at(Report& report, const Handle& handle) {
    report.observed = handle.observe();
    if (acl_matters(*report.observed, report.account))
        handle.observe_acl(*report.observed);
}

RootRound Round::root(const std::string& path) {
    RootRound round{{}, {}, Exposure{nullptr, accounts_}, false, false};
    auto& report = round.report;
    report.target = Target::home_root;
    report.path = path;
    report.expected = {config_.home_root.mode, 0, root_group_};
    report.finding = Missing{};
    try {
        auto opened = open_home_root(machine_, path);
        if (const auto* const refusal = std::get_if<Refusal>(&opened))
            report.finding = *refusal;
        auto* const handle = std::get_if<Handle>(&opened);
        if (handle == nullptr)
            return round;
        round.dir = std::move(*handle);
        look_at(report, *round.dir);
        Rule unjudged;
        unjudged.ignore = true;
        judge_observed(report, path == "/" ? unjudged : config_.home_root, round.exposure);
        if (report.exposed && learn_ != Learn::nothing)
            memory_->see(as_account(path)); // before it is closed: whatever is below may be moved
        round.was_open = report.exposed || memory_->has_seen(as_account(path));
        repairer_.repair(report, *round.dir);
        round.safe = is_safe_above(report.after ? *report.after : *report.observed);
        if (!round.safe && is_settled(report))
            report.finding = Refusal{RefusalReason::unsafe_root};
    } catch (const std::system_error& error) {
        fail_to_look(report, error);
    }
    return round;
}

/// What a home's own identity and owner say about everything below it.
void Round::weigh_home(const Link& home, Exposure& exposure, Grounds& grounds) const {
    const auto owner = home.report.observed->owner;
    const bool is_somebodys = !accounts_.has_everybody() || owner == 0 ||
                              owner == home.report.expected.owner || accounts_.user_name(owner);
    if (!is_somebodys && !grounds.root_was_open && machine_.is_nobodys(owner)) {
        grounds.nobodys = owner;
        exposure.disregard(owner);
    }
}

bool Round::step(Chain& chain, Target target, const std::string& name, const Home& home,
                 const std::function<Opened()>& open, Exposure& exposure, Grounds& grounds) {
    auto& link = chain.emplace_back();
    auto& report = link.report;
    link.rule = &home.policy->rule(target);
    link.thing = thing_of(target, name);
    report.target = target;
    report.path = home.path() + (target == Target::home      ? ""
                                 : target == Target::ssh_dir ? "/" + name
                                                             : "/.ssh/" + name);
    report.account = home.account.get();
    report.expected = {link.rule->mode, home.account->uid, home.account->gid};
    report.finding = Missing{};
    try {
        auto opened = open();
        if (const auto* const refusal = std::get_if<Refusal>(&opened))
            report.finding = *refusal;
        if (auto* const handle = std::get_if<Handle>(&opened)) {
            link.handle = std::move(*handle);
            look_at(report, *link.handle);
            if (target == Target::home)
                weigh_home(link, exposure, grounds);
            judge_observed(report, *link.rule, exposure);
            if (target == Target::home && report.exposed && grounds.knows(link))
                report.exposed = exposure.is_no_replacement();
            link.is_dir = report.observed->type == FileType::dir;
            link.leads_on = !ends_chain(report);
            link.withheld = is_withheld(*memory_, link);
        }
    } catch (const std::system_error& error) {
        fail_to_look(report, error);
    }
    return link.leads_on;
}

Chain Round::look_at_chain(const RootRound& root, const Home& home, Grounds& grounds) {
    Chain chain;
    chain.reserve(at_keys + config_.key_files.size()); // the steps refer to links before them
    auto exposure = root.exposure.for_account(*home.account);
    const auto open_it = [&]() -> Opened {
        if (home.shared)
            return Refusal{RefusalReason::ambiguous_account};
        return open_home(machine_, *root.dir, home.name());
    };
    const auto open_in = [&](std::size_t index, const std::string& name) {
        return [&, index] { return open_child(machine_.kernel, *chain[index].handle, name); };
    };
    if (!step(chain, Target::home, home.name(), home, open_it, exposure, grounds) ||
        !step(chain, Target::ssh_dir, ssh_dir_name, home, open_in(at_home, ssh_dir_name), exposure,
              grounds))
        return chain;
    for (const auto& name : config_.key_files)
        step(chain, Target::authorized_keys, name, home, open_in(at_ssh_dir, name), exposure,
             grounds);
    return chain;
}

Vouchers Round::vouchers_for(const Account& account) const {
    return {*memory_,           account,
            config_.on_exposed, !memory_->has_read_keys(account),
            word.trust_content, [this] { return machine_.launch_keys(); }};
}

/// It stays closed; who is told of it for the first time is told what is in it.
void Round::leave_withheld(Link& link, std::size_t place, Hints* hints) {
    auto& report = link.report;
    report.action = Action::withheld;
    if (report.target != Target::authorized_keys)
        return;
    const auto& seen = *report.observed;
    if (const auto* const known = hints != nullptr ? hints->withheld(place, seen) : nullptr) {
        report.content = *known;
        return;
    }
    report.content =
        judge_content(read_key_file(*link.handle), vouchers_for(*report.account)).facts;
    if (hints != nullptr)
        hints->keep_withheld(place, seen, *report.content);
}

void Round::repair_plainly(Chain& chain, Hints* hints) {
    for (std::size_t i = 0; i < chain.size(); ++i) {
        auto& link = chain[i];
        try {
            if (link.withheld)
                leave_withheld(link, i, hints);
            else if (link.handle)
                repairer_.repair(link.report, *link.handle);
        } catch (const std::system_error& error) {
            fail(link.report, error);
        }
    }
}

HeldRepair::Outcome Round::repair(Chain& chain, const Grounds& grounds, Hints* hints,
                                  bool is_last_look) {
    const bool is_released = word.trust_content && has_withheld(chain);
    if (!needs_hold(chain) && !(is_exposed(chain) && is_left_undone(chain)) && !is_released) {
        repair_plainly(chain, hints);
        return HeldRepair::Outcome::done;
    }
    const auto vouchers = vouchers_for(*chain[at_home].report.account);
    return HeldRepair{repairer_, *memory_, grounds, vouchers, chain, is_last_look}.run();
}

/// Nothing is learned from a round that found a repair cut off.
void Round::remember(const Chain& chain, const Home& home, bool was_frozen, Hints* hints,
                     HomeRound& round) {
    if (learn_ == Learn::nothing || was_frozen || !chain[at_home].handle)
        return;
    const bool is_open = std::any_of(chain.begin(), chain.end(), [](const Link& link) {
        return link.report.exposed && is_drift(link) && link.report.action != Action::repaired &&
               link.report.action != Action::withheld;
    });
    try {
        const auto lesson = learn(chain, *memory_, learn_, hints, key_watch);
        const bool is_learned = !is_open && lesson.is_complete && learn_ == Learn::content;
        if (is_learned)
            memory_->read_keys(*home.account); // until they could be read it is as new
        round.has_read_keys = lesson.has_read;
        round.is_all_known = is_learned && lesson.is_lasting;
    } catch (const std::system_error&) {
        round.has_read_keys = true; // what cannot be read is not learned; a repair would say why
    }
}

HomeRound Round::home(const RootRound& root, const Home& home, Hints* hints) {
    HomeRound round;
    if (!root.dir || (repairer_.hand() == Hand::repair && !root.safe))
        return round;
    Chain chain;
    std::optional<Report> first_home;
    bool was_frozen = false;
    for (int more_looks = most_looks - 1; more_looks >= 0; --more_looks) {
        Grounds grounds{memory_, word, root.was_open, std::nullopt};
        chain = look_at_chain(root, home, grounds);
        was_frozen = has_frozen(chain);
        try {
            admit_what_is_not_the_accounts(machine_, chain, grounds);
            if (repair(chain, grounds, hints, more_looks == 0) == HeldRepair::Outcome::done)
                break;
            if (more_looks == 0)
                throw std::system_error(EAGAIN, std::generic_category(),
                                        "hold .ssh, which somebody keeps replacing");
            if (!first_home && chain[at_home].report.action == Action::none)
                first_home = chain[at_home].report;
            for (auto& link : chain)
                if (link.report.action != Action::none)
                    round.reports.push_back(std::move(link.report));
        } catch (const std::system_error& error) {
            could_not_repair(chain, error);
            break;
        }
    }
    if (first_home)
        tell_of_first(*first_home, chain[at_home].report);
    remember(chain, home, was_frozen, hints, round);
    auto client_files = look_at_client_files(repairer_, config_, home, chain);
    if (chain[at_home].is_dir)
        round.home = std::move(chain[at_home].handle);
    // Also one of another owner: when it is given to the account, only its own watch tells.
    if (chain.size() > at_ssh_dir && chain[at_ssh_dir].is_dir)
        round.ssh_dir = std::move(chain[at_ssh_dir].handle);
    for (std::size_t i = 0; i < chain.size(); ++i) {
        const auto& report = chain[i].report;
        const bool is_absent_spare =
            i > at_keys && std::holds_alternative<Missing>(report.finding) && !report.failure;
        if (!is_absent_spare)
            round.reports.push_back(std::move(chain[i].report));
    }
    std::move(client_files.begin(), client_files.end(), std::back_inserter(round.reports));
    return round;
}

} // namespace sshpermd
