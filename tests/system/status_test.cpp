// Status: what the daemon says of itself, at its socket and by sshpermctl.
#include "accounts.hpp"
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "files.hpp"
#include "http.hpp"
#include "targets.hpp"

#include <csignal>
#include <set>
#include <sstream>
#include <string>
#include <sys/stat.h>

namespace {

namespace fs = std::filesystem;
using namespace system_tests;

Json status() { return Json::parse(say(http("GET", "/v1/status")).body); }
Json health() { return Json::parse(say(http("GET", "/v1/health")).body); }

std::set<std::string> reasons(const Json& status) {
    std::set<std::string> found;
    for (const auto& one : status.at("degraded"))
        found.insert(one.at("reason").get<std::string>());
    return found;
}

TEST_CASE("every account is counted once, by how it stands", "[health]") {
    Accounts accounts;
    const auto whole = accounts.add("whole");
    fs::remove_all(accounts.add("no-home").home);
    fs::remove_all(accounts.add("no-ssh").ssh_dir());
    fs::remove_all(accounts.add("no-keys").authorized_keys());
    fs::remove_all(accounts.add("no-keys2").authorized_keys());
    const auto trapped = accounts.add("trapped");
    fs::remove(trapped.authorized_keys());
    REQUIRE(::mkfifo(trapped.authorized_keys().c_str(), 0666) == 0);
    accounts.add("left-out");
    Daemon daemon{Json{{"users", {{"exclude", {"left-out"}}}}}};

    const Json expected{{"protected", 1},    {"missing_home", 1}, {"missing_ssh", 1},
                        {"missing_keys", 2}, {"polled", 0},       {"flapping", 0},
                        {"refused", 1},      {"withheld", 0},     {"managed", 0},
                        {"ignored", 1}};
    CHECK(status().at("users") == expected);
    CHECK(status().at("accounts") == 6);
    CHECK(status().at("left") == 1);

    fs::remove_all(whole.home);
    CHECK(eventually([&] { return status().at("users").at("missing_home") == 2; }));
    CHECK(status().at("users").at("protected") == 0);
}

TEST_CASE("the last repairs are told, the latest first", "[health]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto people = accounts.add("user", 5);
    Daemon daemon;
    for (const auto& account : people)
        loosen(account);
    for (const auto& account : people)
        check_becomes_whole(daemon, account);

    set_mode(alice.ssh_dir(), 0750);
    check_becomes_whole(daemon, alice);

    const auto now = status();
    CHECK(now.at("repairs") == 16);
    const auto& repairs = now.at("last_repairs");
    REQUIRE(repairs.size() == 10);
    CHECK(repairs.at(0).at("user") == "alice");
    CHECK(repairs.at(0).at("target") == "ssh_dir");
    CHECK(repairs.at(0).at("before").at("mode") == "0750");
    CHECK(repairs.at(0).at("after").at("mode") == "0700");
    CHECK(now.at("missed_by_events") == 0);
    CHECK(now.at("ok") == true);
    CHECK(now.at("ready") == true);
    CHECK(now.at("mode") == "repair");
    CHECK(now.at("config") == Json{{"fallback", false}, {"files", {"/run/sshpermd-test.json"}}});
    CHECK(now.at("watches").at("used") == now.at("watches").at("need"));
}

TEST_CASE("sshpermctl prints the status on a screen, and the document with --json", "[health]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    accounts.add("bob");
    Daemon daemon{Json{{"home_roots", {"/home", "/srv/" + std::string(60, 'x')}}}};
    set_mode(alice.ssh_dir(), 0777);
    check_becomes_whole(daemon, alice);

    const auto ended = ctl({"status"});

    CHECK(ended.status == 0);
    std::istringstream lines{ended.out};
    for (std::string line; std::getline(lines, line);)
        CHECK((line.size() <= 80 || line.find("/srv/xxx") != std::string::npos));
    CHECK(ended.out.find("accounts    2 protected\n") != std::string::npos);
    CHECK(ended.out.find("health      degraded\n") != std::string::npos);
    CHECK(ended.out.find("home_root_missing: ") != std::string::npos);
    CHECK(ended.out.find("0777 alice:alice -> 0700 alice:alice") != std::string::npos);
    CHECK(Json::parse(ctl({"status", "--json"}).out).at("schema") == "sshpermd.status/1");
    const auto ping = ctl({"ping"});
    CHECK(ping.status == 0);
    CHECK(ping.out.find(" ms\n") != std::string::npos);
}

TEST_CASE("without a daemon status and ping exit 3, without the right to ask 4", "[health]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const Identity somebody{alice.uid, alice.gid};

    CHECK(ctl({"status"}).status == 3);
    CHECK(ctl({"ping"}).status == 3);

    const Daemon daemon;
    CHECK(ctl({"status"}, somebody).status == 4);
    CHECK(ctl({"ping"}, somebody).status == 4);
    CHECK(say(http("POST", "/v1/status")).status == 405);
}

TEST_CASE("a home root that is missing degrades the daemon until it is there", "[health]") {
    Accounts accounts;
    accounts.add("alice");
    Daemon daemon{Json{{"home_roots", {"/home", "/srv/later"}}}};

    CHECK(health().at("ok") == false);
    CHECK(text_at(health(), "/status").starts_with("Degraded: home root /srv/later"));
    CHECK(reasons(status()) == std::set<std::string>{"home_root_missing", "no_group"});
    make_directory("/srv/later", {0755, {0, 0}});

    CHECK(daemon.reports("daemon.recovered"));
    CHECK(health().at("ok") == true);
    CHECK(text_at(health(), "/status").starts_with("Protecting"));
    CHECK(reasons(status()) == std::set<std::string>{"no_group"});
    CHECK(text_at(daemon.events("daemon.recovered").at(0), "/trouble") == "home_root_missing");
    CHECK(daemon.events("daemon.recovered").size() == 1);
    CHECK(daemon.events("daemon.degraded").size() == 2);
    fs::remove_all("/srv/later");
}

TEST_CASE("a configuration that cannot be used degrades the daemon until it can", "[health]") {
    Accounts accounts;
    accounts.add("alice");
    const auto config = write_config(Json{{"no_such_key", 1}});
    Daemon daemon{Arguments{"--config", config, "--log-target", "stderr"}};
    REQUIRE(daemon.reports("scan.completed"));
    REQUIRE(eventually([] { return is_there(socket_path); }));

    CHECK(health().at("ok") == false);
    CHECK(reasons(status()).contains("config_fallback"));
    CHECK(status().at("config").at("fallback") == true);
    CHECK(status().at("mode") == "observe");

    write_config(Json::object());
    daemon.process().signal(SIGHUP);
    CHECK(daemon.reports("daemon.recovered"));
    CHECK(health().at("ok") == true);
    CHECK(status().at("config").at("fallback") == false);

    write_config(Json{{"no_such_key", 1}});
    daemon.process().signal(SIGHUP);
    CHECK(eventually([] { return reasons(status()).contains("config_rejected"); }));
    CHECK(status().at("mode") == "repair");
    CHECK(daemon.events("config.rejected").size() == 2);
}

} // namespace
