// Accounts that come, go, have odd names, or are none.
#include "accounts.hpp"
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "files.hpp"
#include "targets.hpp"

#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using namespace system_tests;

TEST_CASE("an account added while the daemon runs is guarded", "[watch]") {
    Accounts accounts;
    Daemon daemon;
    const auto alice = accounts.enlist("alice", "/home/alice");
    make_home(alice);

    open_up(alice);

    check_becomes_whole(daemon, alice);
    CHECK(daemon.reports("user.added", "alice"));
}

TEST_CASE("a home that is there before its account is guarded once the account is", "[watch]") {
    Accounts accounts;
    const Account like{"alice", 20000, 20000, "/home/alice"};
    make_home(like);
    open_up(like);
    Daemon daemon;
    const auto before = snapshot("/home");

    const auto alice = accounts.enlist("alice", "/home/alice");

    check_becomes_whole(daemon, alice);
    CHECK(before.at("/home/alice").inode == snapshot("/home").at("/home/alice").inode);
}

TEST_CASE("what useradd makes is guarded", "[watch]") {
    Accounts accounts;
    Daemon daemon;

    must_run({"useradd", "--create-home", "--no-log-init", "--key", "HOME_MODE=0755", "dora"});

    CHECK(daemon.reports("user.added", "dora"));
    CHECK(eventually([] { return is_there("/home/dora") && mode_of("/home/dora") == 0700; }));
    must_run({"userdel", "--remove", "dora"});
    CHECK(daemon.reports("user.removed", "dora"));
}

TEST_CASE("the home of an account that was removed is left alone", "[watch]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto bob = accounts.add("bob");
    Daemon daemon;
    accounts.dismiss(alice);
    REQUIRE(daemon.reports("user.removed", "alice"));

    open_up(alice);

    wait_for_a_round(daemon, bob);
    CHECK(mode_of(alice.home) == 0777);
    CHECK(mode_of(alice.authorized_keys()) == 0666);
}

TEST_CASE("directories that are nobody's home are left alone", "[watch]") {
    Accounts accounts;
    const auto bob = accounts.add("bob");
    const auto carol = accounts.enlist("carol", "/srv/carol");
    make_home(carol);
    make_home({"nobody's", carol.uid, carol.gid, "/home/carol"});
    Daemon daemon;

    for (const auto& home : {fs::path{"/srv/carol"}, fs::path{"/home/carol"}})
        open_up({"", 0, 0, home});

    wait_for_a_round(daemon, bob);
    CHECK(mode_of("/srv/carol/.ssh") == 0777);
    CHECK(mode_of("/home/carol/.ssh") == 0777);
}

TEST_CASE("names that are hard to write are guarded and written safely", "[watch]") {
    const std::vector<std::string> names{"with space",
                                         "-rf",
                                         "quote\"'`",
                                         "$(touch x)",
                                         "%s%n",
                                         "back\\slash",
                                         "\xc3\xbcml\xc3\xa4ut",
                                         "not utf-8 \xff\xfe",
                                         "escape \x1b[31m",
                                         "bell\a tab\t",
                                         std::string(255, 'l')};
    Accounts accounts;
    std::vector<Account> people;
    for (const auto& name : names) {
        const auto number = std::to_string(people.size());
        people.push_back(accounts.enlist("odd" + number, fs::path{"/home"} / name));
        make_home(people.back());
    }
    // Nobody's, and no line of /etc/passwd could name it.
    make_directory("/home/two\nlines", {0777, {0, 0}});
    Daemon daemon;

    for (const auto& account : people)
        open_up(account);

    for (const auto& account : people) {
        check_becomes_whole(daemon, account);
        CHECK(eventually(
            [&] { return daemon.events("permission.repaired", account.name).size() == 3; }));
    }
    CHECK(mode_of("/home/two\nlines") == 0777);
    CHECK(daemon.stop() == 0);
}

} // namespace
