#include "event/text.hpp"
#include "keeper/errand.hpp"
#include "keeper/inhabitant.hpp"
#include "keeper/keeper.hpp"
#include "reconcile/key_adding.hpp"
#include "system/account_database.hpp"
#include "system/clock_digits.hpp"

#include <algorithm>
#include <set>
#include <utility>

// The keeper's errands: what an operator asked for, carried out between the events.

namespace sshpermd {
namespace {

/// The operator is not put off: no flap delay, no settling.
bool at_once(const Report& /*any*/) { return true; }

/// Whoever sent it should have looked at it before.
std::string why_no_key(const NoNewKey& problem) {
    return "sshd would take no key from this line (" + std::string{word(problem)} + ")";
}

} // namespace

Problem Keeper::only_observes() {
    return {409, "this daemon only observes (mode in the configuration); stop it and repair by "
                 "hand, or set the mode to repair"};
}

void Keeper::repair(RepairRequest request, Reply reply) {
    if (config_.operation != Operation::repair)
        return reply(only_observes());
    begin(std::make_unique<Errand>(std::move(request), Hand::repair, std::move(reply)));
}

void Keeper::add_key(AskedKey asked, Reply reply) {
    if (config_.operation != Operation::repair)
        return reply(only_observes());
    auto errand = std::make_unique<Errand>(RepairRequest{{asked.key.user}, false, std::nullopt},
                                           Hand::repair, std::move(reply));
    errand->key = std::move(asked);
    begin(std::move(errand));
}

void Keeper::begin(std::unique_ptr<Errand> errand) {
    if (accounts_ && !accounts_due_ && first_unknown(errand->request.users) == nullptr)
        return accept(std::move(errand));
    put_off_.push_back(std::move(errand));
    ask_accounts();
}

void Keeper::accept(std::unique_ptr<Errand> errand) {
    const auto reply = [&](Problem problem) {
        std::exchange(errand->reply, {})(std::move(problem));
    };
    if (!accounts_)
        return reply(Problem{503, "the account database cannot be read; see the journal"});
    const auto& wanted = errand->request.users;
    const auto* const unknown = first_unknown(wanted);
    if (unknown != nullptr && !accounts_->has_everybody())
        return reply(Problem{503, printable(*unknown) + " is in no line of /etc/passwd, and the "
                                                        "name service does not answer"});
    if (unknown != nullptr)
        return reply(Problem{404, why_unknown(*unknown, *accounts_, config_, read_uid_min())});

    std::set<std::uint32_t> ids; // each once, and in everybody's order
    for (const auto& user : wanted)
        ids.insert(called(user)->id);
    for (const auto id : ids) {
        const auto& inhabitant = *inhabitants_[id];
        errand->names.push_back(inhabitant.home.account->name);
        auto& roots = errand->roots;
        if (std::find(roots.begin(), roots.end(), inhabitant.root) == roots.end())
            roots.push_back(inhabitant.root);
    }
    for (std::uint32_t id = 0; errand->is_about_everybody() && id < roots_.size(); ++id)
        errand->roots.push_back(id);
    errands_.push_back(std::move(errand));
}

Keeper::Inhabitant* Keeper::Errand::next_of(const Keeper& keeper) {
    const auto& everybody = keeper.inhabitants_;
    while (is_about_everybody() && next < everybody.size())
        if (auto* const inhabitant = everybody[next++].get())
            return inhabitant;
    while (next < names.size())
        if (auto* const inhabitant = keeper.called(names[next++]))
            return inhabitant; // the others have gone meanwhile
    return nullptr;
}

void Keeper::forget(const ForgetRequest& request) {
    forget_in(memory_, request);
    for (const auto& inhabitant : inhabitants_)
        if (inhabitant) { // what they saved is gone
            inhabitant->hints.clear();
            inhabitant->glimpse = no_glimpse;
        }
}

void Keeper::run_errand(OpenRoots& open) {
    auto& errand = *errands_.front();
    if (errand.undo)
        return run_undo(open);
    const bool repairs = errand.hand == Hand::repair;
    if (repairs)
        errand.tell_step(errand.is_about_everybody() ? by_name_.size() : errand.names.size());
    if (errand.next_root < errand.roots.size()) {
        const auto id = errand.roots[errand.next_root++];
        return repairs ? repair_root_now(errand, id, open) : check_root(errand, id);
    }
    if (auto* const inhabitant = errand.next_of(*this)) {
        ++errand.result.summary.users;
        return repairs ? repair_home_now(errand, *inhabitant, open)
                       : check_home(errand, *inhabitant, open);
    }
    auto reply = std::exchange(errand.reply, {});
    if (errand.addition)
        reply(*std::move(errand.addition));
    else if (errand.key)
        reply(Problem{404, printable(errand.key->key.user) + " has gone meanwhile"});
    else
        reply(std::move(errand.result));
    errands_.pop_front();
}

void Keeper::repair_root_now(Errand& errand, std::uint32_t id, OpenRoots& open) {
    open.rounds.erase(id);
    const auto& round = look_at_root(id, open, Trigger::command, at_once, Hand::repair);
    if (roots_[id]->path != "/")
        errand.found(check_finding(round.report, *accounts_));
    if (!watch_root(id, round))
        return;
    mark_root(id, Trigger::retry); // the last look comes after the watches
    if (someone_was_looked_at())
        mark_below(id, Trigger::retry);
}

void Keeper::repair_home_now(Errand& errand, Inhabitant& inhabitant, OpenRoots& open) {
    auto round = make_round(at_once, Hand::repair);
    round.remember_in(memory_, Learn::content);
    round.key_watch = &inhabitant.key_watch;
    round.word = word_of(errand.request);
    const auto& root = open_root(inhabitant.root, open);
    const auto found = round.home(root, inhabitant.home, &inhabitant.hints);
    for (const auto& report : found.reports) {
        tell_of(report, Trigger::command, inhabitant.ledger);
        errand.found(check_finding(report, *accounts_));
    }
    if (watch_home(inhabitant, root, found))
        mark(inhabitant.id, Trigger::retry);
    tell_of_keys(inhabitant, Trigger::command);
    note_state(inhabitant, root, found);
    if (errand.key)
        add_key_now(errand, inhabitant, open, found);
}

void Keeper::add_key_now(Errand& errand, Inhabitant& inhabitant, OpenRoots& open,
                         const HomeRound& found) {
    const auto& [user, file, line] = errand.key->key;
    WantedKey wanted;
    wanted.rules.now = clock_digits();
    wanted.file = file;
    auto key = new_key_of(line, wanted.rules);
    auto& addition = errand.addition.emplace();
    addition.user = user;
    const auto& files = config_.key_files;
    if (const auto* const problem = std::get_if<NoNewKey>(&key)) {
        addition.reason = word(*problem);
        addition.why = why_no_key(*problem);
        return;
    }
    wanted.key = std::get<NewKey>(std::move(key));
    if (std::find(files.begin(), files.end(), file) == files.end()) {
        addition.reason = "not_a_target";
        addition.why = "the daemon's configuration has no such file in authorized_keys_files";
        return;
    }
    if (auto obstacle =
            obstacle_to(wanted, inhabitant.home, open_root(inhabitant.root, open), found)) {
        addition = *std::move(obstacle);
        return;
    }
    const auto& root = look_at_root(inhabitant.root, open, Trigger::command, at_once, Hand::repair);
    auto round = make_round(at_once, Hand::repair);
    round.remember_in(memory_, Learn::content);
    auto added = round.add_key(root, inhabitant.home, wanted);
    if (added.addition.result == AdditionResult::added) {
        auto event = event_of(added.addition, added.made, Trigger::command);
        event.request = errand.key->asker;
        inhabitant.key_watch.expect(file, event.key->fingerprint);
        tell_(std::move(event));
    }
    addition = std::move(added.addition);
}

} // namespace sshpermd
