// A directory service that hangs, is late, fails or answers in part: nobody waits for it, and
// nobody loses protection by it.
#include "accounts.hpp"
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "files.hpp"
#include "name_service.hpp"
#include "targets.hpp"

namespace {

namespace fs = std::filesystem;
using namespace system_tests;

/// A hung child is given up after half a minute, and asked again after a pause.
constexpr Duration until_given_up = std::chrono::seconds{90};

/// The child that is asked next: it is looked at while it hangs, or is late.
pid_t next_child(Daemon& daemon) {
    const auto pid = daemon.process().pid();
    REQUIRE(eventually([&] { return !account_child(pid); }));
    rewrite_passwd();
    REQUIRE(eventually([&] { return account_child(pid).has_value(); }));
    return *account_child(pid);
}

/// While not everybody is known a home keeps the search bit that it has.
bool is_closed(const Account& account) {
    return mode_of(account.home) == 0711 && mode_of(account.ssh_dir()) == 0700 &&
           mode_of(account.authorized_keys()) == 0600;
}

TEST_CASE("local accounts are guarded on a start whose name service hangs", "[accounts]") {
    Accounts accounts;
    NameService service{"answer"};
    const auto carol = service.add("carol");
    const auto alice = accounts.add("alice");
    open_up(alice);
    open_up(carol);
    service.become("hang");
    Daemon daemon;

    CHECK(eventually([&] { return is_closed(alice); }));
    open_up(alice);
    CHECK(eventually([&] { return is_closed(alice); }));

    CHECK(daemon.events("accounts.unavailable").size() == 1);
    CHECK(account_child(daemon.process().pid()).has_value());
    CHECK(mode_of(carol.home) == 0777);
    SECTION("and the others once it answers") {
        service.become("answer");
        check_becomes_whole(daemon, carol);
        check_becomes_whole(daemon, alice);
        CHECK(daemon.reports("daemon.recovered"));
        CHECK(daemon.events("user.added", "alice").empty());
        CHECK(daemon.events("user.removed").empty());
    }
    SECTION("and it stops at once") {}
    const auto child = account_child(daemon.process().pid());
    CHECK(daemon.stop() == 0);
    CHECK((!child || !is_there(fs::path{"/proc"} / std::to_string(*child))));
}

TEST_CASE("a name service that hangs later keeps nobody from being guarded", "[accounts]") {
    Accounts accounts;
    NameService service{"answer"};
    const auto carol = service.add("carol");
    const auto alice = accounts.add("alice");
    Daemon daemon;
    service.become("hang");
    next_child(daemon);

    open_up(alice);
    open_up(carol);
    const auto dora = accounts.add("dora");
    open_up(dora);

    check_becomes_whole(daemon, alice);
    check_becomes_whole(daemon, carol);
    check_becomes_whole(daemon, dora);
    CHECK(daemon.events("user.removed").empty());
    CHECK(daemon.stop() == 0);
}

TEST_CASE("a child that hangs is given up, leaves no zombie, and is asked again", "[accounts]") {
    Accounts accounts;
    NameService service{"answer"};
    const auto carol = service.add("carol");
    Daemon daemon;
    service.become("hang");
    const auto pid = daemon.process().pid();
    const auto first = next_child(daemon);

    CHECK(eventually([&] { return account_child(pid) != first; }, until_given_up));

    CHECK_FALSE(is_there(fs::path{"/proc"} / std::to_string(first)));
    CHECK(daemon.reports("accounts.unavailable"));
    open_up(carol);
    check_becomes_whole(daemon, carol);
    CHECK(eventually([&] { return account_child(pid).has_value(); }, until_given_up));
    CHECK(daemon.events("accounts.unavailable").size() == 1);
    CHECK(daemon.events("user.removed").empty());
}

TEST_CASE("a name service that is late with every name delays no repair", "[accounts]") {
    Accounts accounts;
    NameService service{"answer"};
    const auto carol = service.add("carol");
    const auto alice = accounts.add("alice");
    Daemon daemon;
    service.become("late");
    const auto child = next_child(daemon);

    open_up(alice);
    open_up(carol);
    check_becomes_whole(daemon, alice);
    check_becomes_whole(daemon, carol);

    CHECK(account_child(daemon.process().pid()) == child);
    CHECK(daemon.events("accounts.unavailable").empty());
}

TEST_CASE("an account is let go when its name service says so, not when that fails", "[accounts]") {
    Accounts accounts;
    NameService service{"answer"};
    const auto carol = service.add("carol");
    const auto dave = service.add("dave");
    Daemon daemon;
    service.dismiss(dave);
    service.become("err");
    rewrite_passwd();

    REQUIRE(daemon.reports("accounts.unavailable"));
    open_up(carol);
    open_up(dave);
    check_becomes_whole(daemon, carol);
    check_becomes_whole(daemon, dave);
    CHECK(daemon.events("user.removed").empty());

    service.become("answer");
    rewrite_passwd();
    CHECK(daemon.reports("user.removed", "dave"));
    CHECK(daemon.reports("daemon.recovered"));
    CHECK(daemon.events("user.removed", "carol").empty());
    open_up(dave);
    wait_for_a_round(daemon, carol);
    CHECK(mode_of(dave.home) == 0777);
}

TEST_CASE("a name service that was never there keeps no account that was removed", "[accounts]") {
    Accounts accounts;
    NameService service{"err"};
    const auto alice = accounts.add("alice");
    const auto bob = accounts.add("bob");
    Daemon daemon;

    accounts.dismiss(alice);

    CHECK(daemon.reports("user.removed", "alice"));
    open_up(alice);
    wait_for_a_round(daemon, bob);
    CHECK(mode_of(alice.home) == 0777);
    CHECK(daemon.events("accounts.unavailable").empty());
}

TEST_CASE("an account that an enumeration leaves out is asked for by name", "[accounts]") {
    Accounts accounts;
    NameService service{"answer"};
    const auto carol = service.add("carol");
    const auto dave = service.add("dave");
    Daemon daemon;
    service.become("partial");
    const auto alice = accounts.add("alice");

    REQUIRE(daemon.reports("user.added", "alice"));
    open_up(dave);
    check_becomes_whole(daemon, dave);
    CHECK(daemon.events("user.removed").empty());
    CHECK(daemon.events("user.added", "dave").empty());
}

} // namespace
