// Fights: somebody undoes the same repair five times, too slowly to flap, and is told how it ends.
#include "accounts.hpp"
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "files.hpp"
#include "http.hpp"
#include "targets.hpp"

#include <csignal>
#include <string>

namespace {

using namespace system_tests;

/// With the flap burst of these tests, which is never reached, it is as if it were hours later.
void undo(Daemon& daemon, const Account& account, mode_t mode) {
    set_mode(account.home, mode);
    check_becomes_whole(daemon, account);
}

Json status() { return Json::parse(say(http("GET", "/v1/status")).body); }

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

TEST_CASE("what is slowly undone five times is told once, and its override really ends it",
          "[fight]") {
    Accounts accounts;
    const auto web = accounts.add("web1");
    const auto bob = accounts.add("bob");
    Daemon daemon;
    for (int i = 0; i < 4; ++i)
        undo(daemon, web, 0755);
    undo(daemon, web, 0751); // another change
    CHECK(daemon.events("fight.noticed").empty());
    CHECK(status().at("last_fight").is_null());

    undo(daemon, web, 0755);
    REQUIRE(daemon.reports("fight.noticed", "web1"));
    undo(daemon, web, 0755);

    CHECK(daemon.events("flapping.started").empty());
    const auto fights = daemon.events("fight.noticed");
    REQUIRE(fights.size() == 1);
    const auto& fight = fights.at(0);
    CHECK(text_at(fight, "/severity") == "warning");
    CHECK(text_at(fight, "/target") == "home");
    CHECK(text_at(fight, "/file/path") == web.home);
    CHECK(text_at(fight, "/before/mode") == "0755");
    CHECK(text_at(fight, "/after/mode") == "0700");
    CHECK(fight.at("count") == 5);

    const auto last = status().at("last_fight");
    CHECK(last.at("user") == "web1");
    CHECK(last.at("kept_by") == fight.at("kept_by"));
    const auto ended = run({sshpermctl(), "status"});
    UNSCOPED_INFO(ended.out << ended.err);
    CHECK(contains(ended.out, "last fight  "));
    CHECK(contains(ended.out, "\n            kept_by "
                              "{\"users\":[\"web1\"],\"home\":{\"accept\":[\"0755\"]}}\n"));

    write_config(Json{{"overrides", Json::array({fight.at("kept_by")})}});
    daemon.process().signal(SIGHUP);
    REQUIRE(daemon.reports("config.reloaded"));
    CHECK(daemon.events("config.rejected").empty());
    const auto before = daemon.events("permission.repaired", "web1").size();
    set_mode(web.home, 0755);
    set_mode(bob.home, 0755);

    check_becomes_whole(daemon, bob); // it still repairs, and looked at web1 before
    set_mode(web.ssh_dir(), 0755);
    CHECK(eventually([&] { return mode_of(web.ssh_dir()) == 0700; }));
    CHECK(mode_of(web.home) == 0755);
    CHECK(eventually(
        [&] { return daemon.events("permission.repaired", "web1").size() == before + 1; }));
    CHECK(status().at("last_fight").is_null());
}

TEST_CASE("keys that root puts there again and again are kept as root's, where sshd accepts them",
          "[fight]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    Daemon daemon;
    const auto keys = read_file(alice.authorized_keys());
    const auto deploy = [&] {
        write_file(alice.home / "new", keys, {0644, {0, 0}});
        std::filesystem::rename(alice.home / "new", alice.authorized_keys());
    };

    for (int i = 0; i < 5; ++i) {
        deploy();
        check_becomes_whole(daemon, alice);
    }
    REQUIRE(daemon.reports("fight.noticed", "alice"));
    const auto kept_by = daemon.events("fight.noticed", "alice").at(0).at("kept_by");
    CHECK(kept_by.at("authorized_keys").at("accept") == Json{"sshd"});
    write_config(Json{{"overrides", Json::array({kept_by})}});
    daemon.process().signal(SIGHUP);
    REQUIRE(daemon.reports("config.reloaded"));

    deploy();
    // It asks the daemon, which does not wait then until the new file is a moment old.
    CHECK(run({sshpermctl(), "repair", "alice"}).status == 0);
    CHECK(is(alice.authorized_keys(), {0644, {0, 0}}));
}

TEST_CASE("a fight for what sshd would refuse names no override, and one that flaps is told once",
          "[fight]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    Daemon daemon{Json{{"flap", {{"burst", 7}, {"window", "1s"}, {"max_delay", "100ms"}}}}};

    for (int i = 0; i < 12; ++i) {
        set_mode(alice.ssh_dir(), 0100); // the owner may not read: no key is exposed by it
        set_mode(alice.home, 0600);
        check_becomes_whole(daemon, alice);
    }

    CHECK(eventually([&] { return daemon.events("flapping.ended", "alice").size() >= 2; }));
    const auto fights = daemon.events("fight.noticed", "alice");
    INFO(daemon.story("alice"));
    REQUIRE(fights.size() == 2);
    for (const auto& fight : fights) {
        const bool is_home = text_at(fight, "/target") == "home";
        CHECK(fight.contains("kept_by") != is_home);
        CHECK(contains(text_at(fight, "/message"), "sshd would refuse") == is_home);
    }
}

} // namespace
