// The keeper: of the accounts that it was given it keeps the last alone.
#include "catch.hpp"

#include "keeper/keeper.hpp"
#include "temp_home.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace sshpermd;

namespace {

struct Scene {
    TempHome home;
    std::vector<EventType> told;
    Keeper keeper{home.config, home.memory,
                  [this](const Event& event) { told.push_back(event.type); }, [] {}, [] {}};

    /// alice, who never changes, and these.
    std::shared_ptr<const Accounts> accounts(const std::vector<std::string>& others) const {
        std::vector<Account> all{{"root", 0, 0, "/root"}, home.account()};
        for (const auto& name : others)
            all.push_back({name, 61003, 61003, home.root() + "/" + name});
        return std::make_shared<const Accounts>(std::move(all),
                                                std::vector<Group>{{"root", 0, {}}});
    }
};

} // namespace

TEST_CASE("whoever stays is looked after with the accounts of today, and those before are gone",
          "[keeper]") {
    Scene scene;
    auto first = scene.accounts({"bob"});
    scene.keeper.take_accounts(first);
    scene.keeper.status();
    scene.told.clear();

    const std::weak_ptr<const Accounts> before = first;
    first.reset();
    CHECK_FALSE(before.expired());
    scene.keeper.take_accounts(scene.accounts({"carol"}));

    CHECK(before.expired());
    CHECK(scene.told == std::vector{EventType::user_removed, EventType::user_added});
    CHECK(std::holds_alternative<UserDetails>(scene.keeper.user("alice")));
    CHECK(std::holds_alternative<UserDetails>(scene.keeper.user("carol")));
    CHECK(std::holds_alternative<Problem>(scene.keeper.user("bob")));
}

TEST_CASE("of two accounts by one name the first is looked after", "[keeper]") {
    Scene scene;
    scene.keeper.take_accounts(scene.accounts({"bob", "bob"}));

    CHECK(scene.keeper.status().accounts == 2);
    scene.keeper.take_accounts(scene.accounts({"bob", "bob", "carol", "carol"}));
    CHECK(scene.keeper.status().accounts == 3);
}
