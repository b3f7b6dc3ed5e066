#include "keeper/errand.hpp"
#include "keeper/inhabitant.hpp"
#include "keeper/keeper.hpp"

#include <utility>

// The keeper's looks that leave everything as it is: for who only asks, and while it is paused.

namespace sshpermd {

void Keeper::pause(bool is_paused) {
    if (std::exchange(is_paused_, is_paused) && !is_paused)
        look_at_all(Trigger::command);
}

void Keeper::check(CheckRequest request, Reply reply) {
    constexpr std::size_t most = 4;
    if (errands_.size() + put_off_.size() >= most)
        return reply(Problem{503, "others have asked for a look already; ask again in a moment"});
    RepairRequest wanted;
    wanted.users = std::move(request.users);
    accept(std::make_unique<Errand>(std::move(wanted), Hand::look, std::move(reply)));
}

void Keeper::check_root(Errand& errand, std::uint32_t id) {
    auto round = make_round({}, Hand::look);
    round.remember_in(memory_, Learn::nothing);
    const auto found = round.root(roots_[id]->path);
    if (roots_[id]->path != "/")
        errand.found(check_finding(found.report, *accounts_));
}

void Keeper::check_home(Errand& errand, Inhabitant& inhabitant, OpenRoots& open) {
    auto round = make_round({}, Hand::look);
    round.remember_in(memory_, Learn::nothing);
    auto root = open.checks.find(inhabitant.root);
    if (root == open.checks.end())
        root =
            open.checks.emplace(inhabitant.root, round.root(roots_[inhabitant.root]->path)).first;
    for (const auto& report : round.home(root->second, inhabitant.home).reports)
        errand.found(check_finding(report, *accounts_));
}

} // namespace sshpermd
