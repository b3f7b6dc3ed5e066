// What operators ask of the daemon besides a repair: users, events, metrics, a pause, a reload.
#include "accounts.hpp"
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "files.hpp"
#include "http.hpp"
#include "targets.hpp"

#include <algorithm>
#include <csignal>
#include <list>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace fs = std::filesystem;
using namespace system_tests;

const Json quick{{"mode", "repair"}, {"flap", {{"burst", 1000}}}};

Json get(const std::string& path) { return Json::parse(say(http("GET", path)).body); }

std::size_t repairs_in(const std::vector<Json>& events) {
    return static_cast<std::size_t>(
        std::count_if(events.begin(), events.end(), [](const Json& event) {
            return event.at("event") == "permission.repaired";
        }));
}

TEST_CASE("users are listed in pages by name, all and those in one state", "[operator]") {
    Accounts accounts;
    accounts.add("user", 12);
    const auto bob = accounts.add("bob");
    fs::remove_all(bob.ssh_dir());
    Daemon daemon;

    const auto page = get("/v1/users");
    CHECK(page.at("users").size() == 13);
    CHECK(page.at("next").is_null());
    CHECK(page.at("users").at(0).at("name") == "bob");
    CHECK(page.at("users").at(0).at("state") == "missing_ssh");
    CHECK(get("/v1/users?after=bob").at("users").size() == 12);
    CHECK(get("/v1/users?state=missing_ssh").at("users").size() == 1);
    CHECK(say(http("GET", "/v1/users?state=broken")).status == 400);
    CHECK(say(http("GET", "/v1/users/nobody-here")).status == 404);

    const auto listed = ctl({"users", "--state", "missing_ssh"});
    CHECK(listed.status == 0);
    CHECK(listed.out.starts_with("bob "));
    CHECK(std::count(listed.out.begin(), listed.out.end(), '\n') == 1);
    CHECK(Json::parse(ctl({"users", "--json"}).out).at("users").size() == 13);
    CHECK(ctl({"users", "--state", "broken"}).status == 2);
}

TEST_CASE("a long repair says how far it is, and last what was done", "[operator]") {
    constexpr int many = 400;
    Accounts accounts;
    const auto users = accounts.add("user", many);
    Daemon daemon;
    get("/v1/health"); // ready
    REQUIRE(ctl({"pause", "--for", "10m", "--reason", "a test"}).status == 0);
    fs::permissions(users.back().home, fs::perms::all);

    const auto reply = say(http("POST", "/v1/repair?follow=1"));
    auto lines = lines_of(reply.body);
    REQUIRE(lines.size() >= 2);
    const auto check = lines.back();
    lines.pop_back();
    CHECK(reply.header.find("application/x-ndjson") != std::string::npos);
    CHECK(check.at("schema") == "sshpermd.check/1");
    CHECK(check.at("summary").at("users") == many);
    CHECK(check.at("summary").at("repaired") == 1);
    std::size_t before = 0;
    for (const auto& step : lines) {
        CHECK(step.at("schema") == "sshpermd.progress/1");
        CHECK(step.at("of") == many);
        CHECK(step.at("looked_at") >= before);
        before = step.at("looked_at");
    }

    const auto refused = say(http("POST", "/v1/repair?follow=1", R"({"users":["nobody-here"]})"));
    CHECK(refused.status == 404);
    CHECK(refused.header.find("application/problem+json") != std::string::npos);
    CHECK(say(http("POST", "/v1/repair?follow=2")).status == 400);
    CHECK(say(http("POST", "/v1/repair?color=1")).status == 400);

    const std::string told = " of 400 accounts looked at";
    const auto on_a_terminal = run({"script", "-qec", sshpermctl() + " repair", "/dev/null"});
    CHECK(on_a_terminal.status == 0);
    CHECK(on_a_terminal.out.find(told) != std::string::npos);
    const auto quiet = run({"script", "-qec", sshpermctl() + " repair -q", "/dev/null"});
    CHECK(quiet.out.find(told) == std::string::npos);
    const auto in_a_pipe = ctl({"repair"});
    CHECK(in_a_pipe.status == 0);
    CHECK(in_a_pipe.err.empty());
}

TEST_CASE("who asked for a repair and goes does not end it, nor the daemon", "[operator]") {
    Accounts accounts;
    const auto users = accounts.add("user", 400);
    Daemon daemon;
    REQUIRE(ctl({"pause", "--for", "10m", "--reason", "a test"}).status == 0);
    fs::permissions(users.back().home, fs::perms::all);

    {
        Connection left;
        left.send(http("POST", "/v1/repair?follow=1"));
    }

    CHECK(eventually([&] { return mode_of(users.back().home) == 0700; }));
    CHECK(get("/v1/health").at("ready") == true);
}

TEST_CASE("what is told of a user is as new as the question", "[operator]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    Daemon daemon;

    for (int times = 0; times < 20; ++times) {
        fs::remove(alice.authorized_keys());
        REQUIRE(eventually([&] { return get("/v1/users/alice").at("state") == "missing_keys"; }));
        write_file(alice.authorized_keys(), "", {0600, owner(alice)});
        REQUIRE(eventually([&] { return get("/v1/users/alice").at("state") == "protected"; }));
        CHECK(get("/v1/status").at("users").at("protected") == 1);
        CHECK(get("/v1/users?state=protected").at("users").size() == 1);
    }
}

TEST_CASE("events come from the record, those behind one and those of one user", "[operator]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto bob = accounts.add("bob");
    Daemon daemon;
    loosen(alice);
    check_becomes_whole(daemon, alice);
    set_mode(bob.ssh_dir(), 0777);
    check_becomes_whole(daemon, bob);
    const auto on_record = [] {
        return repairs_in(get("/v1/events?limit=1000").at("events").get<std::vector<Json>>());
    };
    REQUIRE(eventually([&] { return on_record() == 4; }));

    const auto all = get("/v1/events").at("events");
    CHECK(all.size() == daemon.events().size());
    CHECK(all.back() == daemon.events().back());
    const auto some = get("/v1/events?since=" + text_at(all.at(1), "/id") + "&limit=2");
    CHECK(some.at("events").at(0) == all.at(2));
    CHECK(some.at("last") == all.at(3).at("id"));
    CHECK(some.at("more") == true);
    CHECK(get("/v1/events?since=" + text_at(all.at(1), "/time")).at("events").at(0) == all.at(1));
    CHECK(get("/v1/events?since=2040-01-01T00:00:00Z").at("events").empty());

    const auto of_bob = ctl({"events", "--user", "bob"});
    CHECK(of_bob.status == 0);
    CHECK(of_bob.out.find("permission.repaired /home/bob/.ssh: repaired ssh_dir: 0777") !=
          std::string::npos);
    CHECK(of_bob.out.find("alice") == std::string::npos);
    CHECK(Json::parse(ctl({"events", "--json", "--since", "1h"}).out).at("events").size() ==
          all.size());
    CHECK(ctl({"events", "--since", "1s", "--user", "nobody"}).out.empty());
    CHECK(ctl({"events", "--since", "yesterday"}).status == 2);
}

TEST_CASE("who follows the events gets each once, over a restart and a SIGKILL", "[operator]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    std::vector<Json> written;
    const auto keep = [&](Daemon& daemon) {
        const auto& events = daemon.events();
        written.insert(written.end(), events.begin(), events.end());
    };
    const auto work = [&](Daemon& daemon) {
        for (int times = 0; times < 3; ++times) {
            loosen(alice);
            check_becomes_whole(daemon, alice);
        }
    };
    std::optional<Process> follower;
    const auto heard = [&] { return lines_of(follower->out()); };
    {
        Daemon first;
        follower.emplace(std::vector<std::string>{sshpermctl(), "events", "-f", "--json", "--since",
                                                  "1970-01-01T00:00:00Z"});
        REQUIRE(eventually([&] { return !heard().empty(); }));
        work(first);
        CHECK(first.stop() == 0);
        keep(first);
    }
    {
        Daemon second;
        work(second);
        REQUIRE(eventually([&] { return heard().size() >= written.size() + 9; }));
        second.process().signal(SIGKILL);
        second.process().wait();
        keep(second);
    }
    {
        Daemon third; // over before anybody asks, perhaps
        work(third);
        CHECK(third.stop() == 0);
        keep(third);
    }
    const Daemon last;
    CHECK(eventually([&] { return heard().size() > written.size(); }));

    const auto all = heard();
    std::set<std::string> ids;
    for (const auto& event : all)
        CHECK(ids.insert(text_at(event, "/id")).second);
    for (const auto& event : written)
        CHECK(ids.contains(text_at(event, "/id")));
    CHECK(repairs_in(all) == 27);
}

TEST_CASE("a follower that is no longer there makes room for another", "[operator]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    Daemon daemon;
    const auto follow = http("GET", "/v1/events?follow=1");
    std::list<Connection> followers;
    for (int i = 0; i < 16; ++i) {
        followers.emplace_back().send(follow);
        REQUIRE(followers.back().receive(Duration{200}).starts_with("HTTP/1.1 200 "));
    }

    CHECK(say(follow).status == 503);
    followers.pop_front();
    std::optional<Connection> late;
    CHECK(eventually([&] {
        late.emplace();
        late->send(follow);
        return late->receive(Duration{200}).starts_with("HTTP/1.1 200 ");
    }));
    followers.back().end(); // half-closed: it still listens
    set_mode(alice.ssh_dir(), 0777);
    check_becomes_whole(daemon, alice);
    CHECK(followers.back().receive(Duration{2000}).find("permission.repaired") !=
          std::string::npos);
}

TEST_CASE("a follower that does not read is left, and holds nobody up", "[operator]") {
    Accounts accounts;
    const auto people = accounts.add("user", 40);
    Daemon daemon;
    for (int times = 0; times < 12; ++times) {
        for (const auto& account : people)
            loosen(account);
        for (const auto& account : people)
            check_becomes_whole(daemon, account);
    }
    Connection lazy;
    lazy.send(http("GET", "/v1/events?follow=1&since=1970-01-01T00:00:00Z"));

    CHECK(say(http("GET", "/v1/health")).status == 200);
    std::this_thread::sleep_for(std::chrono::seconds{6});
    const auto text = lazy.receive(Duration{1000}); // what was in the kernel's buffer
    const auto on_record = get("/v1/events?limit=1000&since=1970-01-01T00:00:00Z");
    CHECK(on_record.at("more") == true);
    CHECK(text.size() > 10'000);
    CHECK(std::count(text.begin(), text.end(), '\n') < 1400);
    set_mode(people.front().ssh_dir(), 0777);
    check_becomes_whole(daemon, people.front());
}

TEST_CASE("during a pause drift is reported and left; then all is repaired", "[operator]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto bob = accounts.add("bob");
    Daemon daemon;

    const auto paused = ctl({"pause", "--for", "1h", "--reason", "moving homes"});
    CHECK(paused.status == 0);
    CHECK(paused.out.starts_with("repairs are paused until 20"));
    set_mode(alice.ssh_dir(), 0777);
    CHECK(daemon.reports("drift.detected", "alice"));
    CHECK(mode_of(alice.ssh_dir()) == 0777);
    const auto status = get("/v1/status");
    CHECK(status.at("paused").at("reason") == "moving homes");
    CHECK(status.at("ok") == false);
    CHECK(ctl({"status"}).out.find("protected   no: repairs are paused until 20") !=
          std::string::npos);
    open_up(bob);
    CHECK(ctl({"repair", "bob"}).status == 0); // an operator's word counts
    CHECK(is_whole(bob));
    CHECK(mode_of(alice.ssh_dir()) == 0777);

    daemon.process().signal(SIGHUP);
    CHECK(daemon.reports("config.reloaded"));
    CHECK(get("/v1/status").at("paused").at("reason") == "moving homes");
    CHECK(mode_of(alice.ssh_dir()) == 0777);

    CHECK(ctl({"resume"}).status == 0);
    check_becomes_whole(daemon, alice);
    CHECK(get("/v1/status").at("paused").is_null());
    CHECK(get("/v1/status").at("ok") == true);
    CHECK(daemon.events("daemon.paused").size() == 1);
    CHECK(daemon.events("daemon.paused").at(0).at("request").at("uid") == 0);
    CHECK(daemon.events("daemon.resumed").size() == 1);
    CHECK(ctl({"resume"}).status == 0);
    CHECK(daemon.events("daemon.resumed").size() == 1);
}

TEST_CASE("a pause ends by itself", "[operator]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    Daemon daemon;

    CHECK(ctl({"pause", "--for", "2s", "--reason", "a moment"}).status == 0);
    open_up(alice);
    CHECK(daemon.reports("drift.detected", "alice"));
    CHECK(daemon.reports("daemon.resumed"));
    check_becomes_whole(daemon, alice);

    CHECK(ctl({"pause"}).status == 2);
    CHECK(ctl({"pause", "--for", "25h", "--reason", "x"}).status == 2);
    CHECK(ctl({"pause", "--for", "1h"}).status == 2);
}

TEST_CASE("a check by the daemon finds, changes nothing and tells nobody", "[operator]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    accounts.add("bob");
    Daemon daemon;
    REQUIRE(ctl({"pause", "--for", "1h", "--reason", "to see it"}).status == 0);
    open_up(alice);
    REQUIRE(eventually([&] { return daemon.events("drift.detected", "alice").size() == 3; }));
    const auto before = daemon.events().size();

    const auto check = Json::parse(say(http("POST", "/v1/check")).body);

    CHECK(check.at("schema") == "sshpermd.check/1");
    CHECK(check.at("summary").at("drift") == 3);
    CHECK(check.at("summary").at("users") == 2);
    CHECK(check.at("summary").at("repaired") == 0);
    CHECK(mode_of(alice.ssh_dir()) == 0777);
    CHECK(daemon.events().size() == before);
    const auto of_bob = Json::parse(say(http("POST", "/v1/check", R"({"users":["bob"]})")).body);
    CHECK(of_bob.at("summary").at("drift") == 0);
    CHECK(say(http("POST", "/v1/check", R"({"users":["nobody-here"]})")).status == 404);
}

TEST_CASE("a reload is answered with what became of it", "[operator]") {
    Accounts accounts;
    accounts.add("alice");
    Daemon daemon{quick};

    write_config(Json{{"mode", "observe"}});
    CHECK(ctl({"reload"}).status == 0);
    CHECK(get("/v1/config").at("config").at("mode") == "observe");
    CHECK(say(http("POST", "/v1/pause", R"({"for":"1h","reason":"x"})")).status == 409);
    write_config(Json{{"no_such_key", 1}});
    const auto refused = ctl({"reload"});
    CHECK(refused.status == 6);
    CHECK(refused.err.find("no_such_key") != std::string::npos);
    CHECK(get("/v1/config").at("config").at("mode") == "observe");
    write_config(Json{{"socket", {{"group", "no-such-group"}}}});
    CHECK(ctl({"reload"}).status == 6);
}

TEST_CASE("metrics are printed, and written to a file as a whole", "[operator]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    Daemon daemon;
    set_mode(alice.ssh_dir(), 0777);
    check_becomes_whole(daemon, alice);
    const auto counted = "\nsshpermd_repairs_total{target=\"ssh_dir\"} 1\n";
    CHECK(eventually([&] { return ctl({"metrics"}).out.find(counted) != std::string::npos; }));

    const std::string file = "/srv/sshpermd.prom";
    CHECK(ctl({"metrics", "--textfile", file}).status == 0);
    CHECK(read_file(file).find(counted) != std::string::npos);
    CHECK(mode_of(file) == 0644);
    CHECK(ctl({"metrics", "--textfile", "/srv/none/x.prom"}).status == 5);
    write_file("/srv/old.prom", "old\n", {0600, {0, 0}});
    CHECK(daemon.stop() == 0);
    CHECK(ctl({"metrics", "--textfile", "/srv/old.prom"}).status == 3);
    CHECK(read_file("/srv/old.prom") == "old\n");
    for (const auto& entry : fs::directory_iterator("/srv"))
        CHECK_FALSE(entry.path().filename().native().starts_with("."));
    fs::remove(file);
    fs::remove("/srv/old.prom");
}

TEST_CASE("the status says what needs somebody, and what would keep the last thing undone",
          "[operator]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto bob = accounts.add("bob");
    own(bob.authorized_keys(), owner(alice));
    Daemon daemon;
    set_mode(alice.home, 0711);
    check_becomes_whole(daemon, alice);

    const auto told = ctl({"status", "--config", write_config(quick)}).out;

    CHECK(told.find("protected   all but 1 accounts") != std::string::npos);
    CHECK(told.find("needs you   sshpermctl users --state refused: 1") != std::string::npos);
    CHECK(told.find(R"({"users":["alice"],"home":{"accept":["0711"]}})") != std::string::npos);
    CHECK(told.find('\033') == std::string::npos);
    std::istringstream lines{told};
    for (std::string line; std::getline(lines, line);)
        CHECK(line.size() <= 80);
}

TEST_CASE("without a daemon its commands exit 3, without the right to ask 4", "[operator]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const Identity somebody{alice.uid, alice.gid};
    const std::vector<Arguments> all{
        {"users"},  {"events"}, {"events", "-f"}, {"pause", "--for", "1h", "--reason", "x"},
        {"resume"}, {"reload"}, {"metrics"}};
    for (const auto& command : all)
        CHECK(ctl(command).status == 3);

    const Daemon daemon;
    for (const auto& command : all)
        CHECK(ctl(command, somebody).status == 4);
}

} // namespace
