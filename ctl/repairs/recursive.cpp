#include "repairs/recursive.hpp"

#include "complain.hpp"
#include "event/tree_event.hpp"
#include "homes/place.hpp"
#include "homes/survey.hpp"
#include "homes/verdict.hpp"
#include "reconcile/tree_leftover.hpp"
#include "reconcile/tree_repair.hpp"
#include "repairs/daemon_rest.hpp"
#include "repairs/lock_holder.hpp"
#include "repairs/recorder.hpp"
#include "repairs/repair.hpp"
#include "repairs/stop_signals.hpp"
#include "repairs/tree_progress.hpp"
#include "repairs/tree_text.hpp"
#include "store/memory_file.hpp"
#include "store/repair_lock.hpp"
#include "system/config_file.hpp"
#include "system/home_root.hpp"
#include "system/uid_owner.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <iostream>
#include <set>
#include <utility>
#include <variant>

namespace sshpermd {
namespace {

/// The uids that --owner-from names; nothing for one that is no account's and no number.
std::optional<std::set<uid_t>> named_owners(const Options& options, const Accounts& accounts) {
    std::set<uid_t> owners;
    for (const auto& text : options.owner_from) {
        uid_t uid = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), uid);
        const bool is_number = error == std::errc{} && end == text.data() + text.size();
        const auto* const account = accounts.by_name(text);
        if (account != nullptr)
            uid = account->uid;
        else if (!is_number)
            return std::nullopt;
        owners.insert(uid);
    }
    return owners;
}

TreeRequest request_for(const Place& place, const std::set<uid_t>& named, Hand hand) {
    const auto& account = *place.home.account;
    const auto may_take = [&place, named](uid_t owner) {
        if (named.contains(owner))
            return true;
        // Below UID_MIN it is a service's; without an account, one of a container.
        return owner >= place.uid_min && !place.accounts->user_name(owner) && is_nobodys(owner);
    };
    TreeRequest request{
        {account.name, place.home.path(), account.uid, account.gid}, hand, may_take, {".ssh"}, {}};
    for (const auto& file : place.config.key_files)
        request.targets.insert(".ssh/" + file);
    const auto below = place.home.path() + "/";
    for (const auto& other : place.accounts->all())
        if (other.home.starts_with(below))
            request.homes.insert(other.home.substr(below.size()));
    return request;
}

/// The home as it is after the chain was repaired; or why nothing below it may be changed.
std::optional<Handle> open_home_of(Machine& machine, const Place& place, TreeResult& result) {
    const auto refuse = [&](std::string_view reason, std::string sentence) {
        result.refused = reason;
        result.why = std::move(sentence);
        return std::nullopt;
    };
    if (place.home.shared)
        return refuse(word(RefusalReason::ambiguous_account),
                      std::string{why(RefusalReason::ambiguous_account)});
    const auto root = open_home_root(machine, place.home.root());
    const auto* const dir = std::get_if<Handle>(&root);
    if (dir == nullptr || !is_safe_above(dir->observe()))
        return refuse(word(RefusalReason::unsafe_root),
                      std::string{why(RefusalReason::unsafe_root)});
    auto opened = open_home(machine, *dir, place.home.name());
    if (const auto* const refusal = std::get_if<Refusal>(&opened))
        return refuse(word(refusal->reason), std::string{why(refusal->reason)});
    auto* const home = std::get_if<Handle>(&opened);
    if (home == nullptr)
        return refuse("missing", "there is no home: repair --create makes one");
    const auto seen = home->observe();
    if (seen.type != FileType::dir)
        return refuse(word(RefusalReason::wrong_type), "it is no directory");
    if (seen.owner != place.home.account->uid)
        return refuse(word(RefusalReason::foreign_owner),
                      "the home itself is not the account's: repair --take-ownership first");
    return std::move(*home);
}

/// What a walk uses besides the machine; null for a look.
struct Walker {
    Recorder* recorder = nullptr;
    TreeNotes* notes = nullptr;
    DaemonRest* rest = nullptr;
};

void walk(Machine& machine, const Place& place, const TreeRequest& request, const Options& options,
          const Walker& with, TreeResult& result) {
    auto home = open_home_of(machine, place, result);
    if (!home)
        return;
    TreeProgress progress{options};
    StopSignals signals;
    if (progress.is_shown())
        progress.expect(count_files(machine.kernel, *home, place.home.account->uid,
                                    [&] { return !signals.is_over(); }));
    const auto record = [&](std::span<const TreeChange> changes) {
        for (const auto& event : events_of(request.whose, changes, *place.accounts))
            with.recorder->record(event);
    };
    constexpr std::chrono::milliseconds now_and_then{20};
    auto next = std::chrono::steady_clock::now();
    const auto go_on = [&](const TreeTally& tally) {
        const auto now = std::chrono::steady_clock::now();
        if (now < next)
            return true;
        next = now + now_and_then;
        if (with.rest != nullptr)
            with.rest->go_on();
        progress.show(tally);
        return !signals.is_over();
    };
    const auto alone = [&](bool wanted) {
        if (with.rest != nullptr)
            wanted ? with.rest->begin() : with.rest->end();
    };
    TreeRepair repair{machine, request, with.notes, go_on, record, alone};
    const auto begun = std::chrono::steady_clock::now();
    result.is_stopped = !repair.run(*std::move(home));
    progress.clear();
    result.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    result.tally = repair.tally();
}

/// Asked for with the walk, one of both may be worse than the other.
ExitCode verdict(const TreeResult& result, const Options& options, const Accounts& accounts) {
    if (options.output == Output::json)
        std::cout << to_json(result, accounts) << '\n';
    else {
        print(result.chain, options);
        if (options.verbosity != Verbosity::quiet)
            print_tree(std::cout, result, accounts);
    }
    if (result.tally.failures > 0 || result.is_stopped)
        return ExitCode::failed;
    if (!result.refused.empty() || (options.dry_run && result.tally.changed > 0))
        return ExitCode::wrong;
    return exit_code(result.chain, options.dry_run ? is_wrong_for_check : is_unsettled);
}

TreeResult blank_result(const TreeRequest& request, const Options& options) {
    TreeResult result;
    result.whose = request.whose;
    result.is_dry_run = options.dry_run;
    return result;
}

ExitCode look(const Place& place, const std::set<uid_t>& named, const Options& options) {
    const auto request = request_for(place, named, Hand::look);
    auto result = blank_result(request, options);
    MemoryFile memory{StateUse::look};
    result.chain = survey(place.config, options.users, Hand::look, kept_for(options),
                          {{}, nullptr, &memory.memory(), {}});
    Machine machine;
    walk(machine, place, request, options, {}, result);
    return verdict(result, options, *place.accounts);
}

ExitCode change(const Place& place, const std::set<uid_t>& named, const Options& options) {
    const auto request = request_for(place, named, Hand::repair);
    auto result = blank_result(request, options);
    const RepairRequest chain{options.users, options.take_ownership, std::nullopt};
    const auto lock = take_repair_lock();
    Recorder recorder{SSHPERMD_VERSION};
    std::optional<DaemonRest> rest;
    if (const auto* const holder = std::get_if<LockHolder>(&lock)) {
        auto repaired = repair_by_daemon(*holder, options, chain);
        if (const auto* const code = std::get_if<ExitCode>(&repaired))
            return *code;
        result.chain = std::get<Check>(std::move(repaired));
        rest.emplace(*holder, socket_of(options), "--recursive " + request.whose.user);
    } else {
        result.chain = repair_here(place.config, options, chain, recorder);
    }
    Machine machine;
    settle_leftover_walk(machine, *place.accounts,
                         [&](const Event& event) { recorder.record(event); });
    TreeNotes notes;
    notes.begin(request.whose);
    walk(machine, place, request, options, {&recorder, &notes, rest ? &*rest : nullptr}, result);
    notes.forget();
    return verdict(result, options, *place.accounts);
}

} // namespace

ExitCode repair_recursively(const Options& options) {
    const auto config = load_config(options.config_file).config;
    if (geteuid() != 0)
        return complain(
            "repair --recursive needs root, with --dry-run, too: sudo sshpermctl repair",
            ExitCode::permission_denied);
    const auto place = place_for(options.users.front(), config);
    const auto named = named_owners(options, *place.accounts);
    if (!named)
        return complain("--owner-from names an account of this machine or a uid", ExitCode::usage);
    return options.dry_run ? look(place, *named, options) : change(place, *named, options);
}

} // namespace sshpermd
