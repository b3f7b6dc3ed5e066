#include "event/text.hpp"
#include "keeper/errand.hpp"
#include "keeper/inhabitant.hpp"
#include "keeper/keeper.hpp"
#include "reconcile/undoing.hpp"

#include <algorithm>
#include <utility>

// The keeper's undoing: a repair taken back, between the events, and nothing else changed with it.

namespace sshpermd {

void Keeper::undo(AskedUndo asked, Reply reply) {
    if (config_.operation != Operation::repair)
        return reply(only_observes());
    std::vector<std::string> users;
    if (!asked.undo.user.empty())
        users.push_back(asked.undo.user);
    auto errand = std::make_unique<Errand>(RepairRequest{std::move(users), false, std::nullopt},
                                           Hand::repair, std::move(reply));
    errand->undo = std::move(asked);
    begin(std::move(errand));
}

void Keeper::run_undo(OpenRoots& open) {
    const auto errand = std::move(errands_.front());
    errands_.pop_front();
    const auto reply = std::exchange(errand->reply, {});
    const auto& wanted = errand->undo->undo;
    if (!wanted.user.empty()) {
        auto* const inhabitant = called(wanted.user);
        if (inhabitant == nullptr)
            return reply(Problem{404, printable(wanted.user) + " has gone meanwhile"});
        return reply(undo_now(*errand->undo, inhabitant->root, inhabitant, open));
    }
    const auto root = std::find_if(roots_.begin(), roots_.end(),
                                   [&](const auto& one) { return one->path == wanted.path; });
    if (root == roots_.end() || wanted.path == "/")
        return reply(Problem{404, printable(wanted.path) + " is not in home_roots"});
    reply(
        undo_now(*errand->undo, static_cast<std::uint32_t>(root - roots_.begin()), nullptr, open));
}

/// Nothing is learned of it: it is no state that was found right.
Undo Keeper::undo_now(const AskedUndo& asked, std::uint32_t root, Inhabitant* inhabitant,
                      OpenRoots& open) {
    open.rounds.erase(root);
    const auto& found = look_at_root(
        root, open, Trigger::command, [](const Report&) { return true; }, hand());
    auto round = make_round({}, Hand::repair);
    round.remember_in(memory_, Learn::nothing);
    auto made = round.undo(found, inhabitant == nullptr ? nullptr : &inhabitant->home, asked.undo);
    if (made.undo.result == UndoResult::undone) {
        auto event = event_of(made.undo, made.made, Trigger::command);
        event.request = asked.asker;
        tell_(std::move(event));
    }
    open.rounds.erase(root);
    if (inhabitant == nullptr)
        mark_root(root, Trigger::retry);
    else
        mark(inhabitant->id, Trigger::retry);
    return std::move(made.undo);
}

} // namespace sshpermd
