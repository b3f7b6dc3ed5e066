// The keeper: of the accounts that it was given it keeps the last alone.
#include "catch.hpp"

#include "keeper/keeper.hpp"
#include "system/account_database.hpp"
#include "temp_home.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace sshpermd;

namespace {

struct Scene {
    TempHome home;
    std::vector<EventType> told;
    unsigned asked = 0; ///< for accounts
    Keeper keeper;

    explicit Scene(std::string account_stamp = {})
        : keeper(
              home.config, home.memory, [this](const Event& event) { told.push_back(event.type); },
              [this] { ++asked; }, [] {}, nullptr, std::move(account_stamp)) {}

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

TEST_CASE("of those who have gone, ten thousand are remembered", "[keeper]") {
    Scene scene;
    for (unsigned i = 0; i < 10'010; ++i)
        scene.home.memory.see({"gone" + std::to_string(i), 70'000 + i, 100, "/"});
    scene.home.memory.see(scene.home.account());

    scene.keeper.take_accounts(std::make_shared<const Accounts>(
        std::vector<Account>{{"root", 0, 0, "/root"}}, std::vector<Group>{{"root", 0, {}}},
        Coverage::local_only)); // who is not local may be there
    CHECK(scene.home.memory.size() == 10'011);
    scene.keeper.take_accounts(scene.accounts({}));
    CHECK(scene.home.memory.size() == 9'001);
    CHECK(scene.home.memory.has_seen(scene.home.account()));
    scene.keeper.take_accounts(scene.accounts({"bob"}));
    CHECK(scene.home.memory.size() == 9'001);
}

TEST_CASE("of two accounts by one name the first is looked after", "[keeper]") {
    Scene scene;
    scene.keeper.take_accounts(scene.accounts({"bob", "bob"}));

    CHECK(scene.keeper.status().accounts == 2);
    scene.keeper.take_accounts(scene.accounts({"bob", "bob", "carol", "carol"}));
    CHECK(scene.keeper.status().accounts == 3);
}

TEST_CASE("accounts whose files changed before /etc was watched are asked for once more",
          "[keeper]") {
    using std::chrono::milliseconds;
    const auto [stamp, times] = GENERATE(table<std::string, unsigned>(
        {{stamp_of_account_files(), 0U}, {"as they were before", 1U}, {"", 1U}}));
    Scene scene{stamp};
    scene.keeper.take_accounts(scene.accounts({}));

    const auto until = Keeper::Clock::now() + milliseconds{300};
    while (Keeper::Clock::now() < until) {
        scene.keeper.work(Keeper::Clock::now() + milliseconds{2});
        std::this_thread::sleep_for(milliseconds{2});
    }
    CHECK(scene.keeper.first_look_done());
    CHECK(scene.asked == times);
}
