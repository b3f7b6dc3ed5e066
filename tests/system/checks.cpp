// Checks that wait.
#include "checks.hpp"

#include "catch.hpp"
#include "targets.hpp"

namespace system_tests {

namespace {

void check(Daemon& daemon, const Account& account, bool (*holds)(const Account&)) {
    const bool held = eventually([&] { return holds(account); });
    INFO(describe(account));
    INFO(daemon.story(account.name));
    INFO((held ? std::string{} : daemon.tail()));
    CHECK(held);
}

} // namespace

void check_becomes_right(Daemon& daemon, const Account& account) {
    check(daemon, account, is_right);
}

void check_becomes_whole(Daemon& daemon, const Account& account) {
    check(daemon, account, is_whole);
}

void wait_for_a_round(Daemon& daemon, const Account& bystander) {
    const auto repaired = [&] {
        return daemon.events("permission.repaired", bystander.name).size();
    };
    for (int i = 0; i < 2; ++i) {
        const auto before = repaired();
        open_up(bystander);
        check_becomes_whole(daemon, bystander);
        CHECK(eventually([&] { return repaired() > before; }));
    }
}

} // namespace system_tests
