// The status socket: a repair that is asked for, and whatever else may be said to it.
#include "accounts.hpp"
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "files.hpp"
#include "http.hpp"
#include "targets.hpp"

#include <csignal>
#include <fstream>
#include <list>
#include <string>
#include <system_error>

namespace {

using namespace system_tests;

const std::string health = http("GET", "/v1/health");

bool says(const Ended& ended, const std::string& words) {
    return ended.err.find(words) != std::string::npos;
}

/// Undoes the daemon's repairs until the next one is seconds away.
void provoke(Daemon& daemon, const Account& account) {
    for (int times = 0; times < 20; ++times) {
        open_up(account);
        const bool is_slow = !eventually([&] { return is_whole(account); }, Duration{1500});
        check_becomes_whole(daemon, account);
        if (is_slow)
            return open_up(account); // the delay doubles each time
    }
    FAIL("never put off:\n" << daemon.story(account.name));
}

const Json flaps_at_once{{"flap", {{"burst", 1}, {"max_delay", "60s"}}}};

TEST_CASE("a repair that is asked for is made at once, by the daemon, and said so", "[socket]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    accounts.add("bob");
    Daemon daemon{flaps_at_once};
    provoke(daemon, alice);

    const auto ended = ctl({"repair", "--json", "alice"});

    CHECK(ended.status == 0);
    CHECK(is_whole(alice));
    const auto document = Json::parse(ended.out);
    CHECK(document.at("schema") == "sshpermd.check/1");
    CHECK(document.at("summary").at("users") == 1);
    CHECK(document.at("summary").at("repaired") == 3);
    CHECK(document.at("findings").at(0).at("target") == "home_root");
    CHECK(document.at("findings").at(2).at("action") == "repaired");
    CHECK(document.at("findings").at(2).at("after").at("mode") == "0700");
    std::size_t commanded = 0;
    CHECK(eventually([&] {
        commanded = 0;
        for (const auto& event : daemon.events("permission.repaired", "alice"))
            commanded += event.at("trigger") == "command" && event.at("source") == "daemon";
        return commanded == 3;
    }));
}

TEST_CASE("what the daemon found is printed for a person as well", "[socket]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    Daemon daemon{flaps_at_once};
    provoke(daemon, alice);

    const auto ended = ctl({"repair"});

    CHECK(ended.status == 0);
    CHECK(ended.out.find("repaired  /home/alice/.ssh\n") != std::string::npos);
    CHECK(ended.out.find("0777 alice:alice -> 0700 alice:alice") != std::string::npos);
    CHECK(ended.out.find("3 repaired") != std::string::npos);
    CHECK(ctl({"repair", "-q"}).out.empty());
}

TEST_CASE("the daemon's repair exits 1 for what it must not touch, if that user was named",
          "[socket]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto bob = accounts.add("bob");
    own(alice.authorized_keys(), owner(bob));
    Daemon daemon;

    CHECK(ctl({"repair", "alice"}).status == 1);
    CHECK(ctl({"repair", "bob"}).status == 0);
    CHECK(says(ctl({"repair", "--config", write_config(Json::object())}), "--config"));
}

TEST_CASE("a user whom the daemon does not know is named in the error", "[socket]") {
    Accounts accounts;
    accounts.add("alice");
    Daemon daemon;

    const auto ended = ctl({"repair", "alice", "nobody-here"});
    const auto reply = say(http("POST", "/v1/repair", R"({"users":["nobody-here"]})"));

    CHECK(ended.status == 5);
    CHECK(says(ended, "there is no account called nobody-here on this machine"));
    CHECK(reply.status == 404);
    CHECK(reply.header.find("application/problem+json") != std::string::npos);
    CHECK(Json::parse(reply.body).at("status") == 404);
    CHECK(text_at(Json::parse(reply.body), "/detail").find("nobody-here") != std::string::npos);
}

TEST_CASE("an account made a moment ago can be asked for", "[socket]") {
    Accounts accounts;
    accounts.add("alice");
    Daemon daemon;

    accounts.add("bob");

    CHECK(ctl({"repair", "bob"}).status == 0);
}

TEST_CASE("health and version are told", "[socket]") {
    Accounts accounts;
    accounts.add("alice");
    Daemon daemon;

    const auto reply = say(health);

    CHECK(reply.status == 200);
    CHECK(Json::parse(reply.body).at("ready") == true);
    CHECK(Json::parse(reply.body).at("mode") == "repair");
    CHECK(Json::parse(say(http("GET", "/v1/version")).body).at("name") == "sshpermd");
}

TEST_CASE("without a group only root gets to the socket", "[socket]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    Daemon daemon;

    CHECK(is(socket_path, {0600, {0, 0}}));
    CHECK_THROWS_AS(Connection(owner(alice)), std::system_error);
    CHECK(ctl({"repair"}, {alice.uid, alice.gid}).status == 4);
    CHECK(daemon.process().err().find("no group sshperm") != std::string::npos);
}

TEST_CASE("members of the group may read and change nothing", "[socket]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto bob = accounts.add("bob");
    constexpr gid_t group = 777;
    std::ofstream{"/etc/group", std::ios::app} << "sshperm:x:777:\n";
    Daemon daemon;

    CHECK(is(socket_path, {0660, {0, group}}));
    CHECK(say(health, owner(alice), {group}).status == 200);
    const auto refused = say(http("POST", "/v1/repair"), owner(alice), {group});
    CHECK(refused.status == 403);
    CHECK(refused.body.find("root") != std::string::npos);
    CHECK(say(http("POST", "/v1/forget"), {alice.uid, group}).status == 403);
    CHECK_THROWS_AS(Connection(owner(bob)), std::system_error);
}

TEST_CASE("silent clients and endless requests stop no repair and no end", "[socket]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    Daemon daemon;
    std::list<Connection> silent;
    for (int i = 0; i < 100; ++i)
        silent.emplace_back();
    const auto large = say("POST /v1/repair HTTP/1.1\r\nContent-Length: 1048576\r\n\r\n" +
                           std::string(1 << 20, ' '));

    CHECK((large.status == 413 || large.status == 503));
    open_up(alice);
    check_becomes_whole(daemon, alice);
    silent.emplace_back().send(health.substr(0, 10));
    CHECK(daemon.stop() == 0);
    CHECK_FALSE(is_there(socket_path));
}

TEST_CASE("who does not finish a request is told so, and makes room", "[socket]") {
    Accounts accounts;
    Daemon daemon;
    std::list<Connection> silent;
    for (int i = 0; i < 64; ++i)
        silent.emplace_back();

    CHECK(say(health).status == 503);
    CHECK(silent.front().receive().starts_with("HTTP/1.1 408 "));
    CHECK(eventually([] { return say(health).status == 200; }));
}

TEST_CASE("what is no request is answered with what would be one", "[socket]") {
    Accounts accounts;
    Daemon daemon;
    struct Wrong {
        std::string bytes;
        int status;
    };
    const std::vector<Wrong> all{
        {"\x16\x03\x01 hello\r\n\r\n", 400},
        {std::string(100, '\0') + "\r\n\r\n", 400},
        {"GET /v1/health HTTP/1.1\r\nA: " + std::string(9000, 'a') + "\r\n\r\n", 431},
        {"POST /v1/repair HTTP/1.1\r\nContent-Length: 1048576\r\n\r\n", 413},
        {"POST /v1/repair HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400},
        {http("GET", "/"), 404},
        {http("GET", "/v1/health?x"), 404},
        {http("POST", "/v1/health"), 405},
        {http("GET", "/v1/repair"), 405},
        {http("POST", "/v1/repair", "{"), 400},
        {http("POST", "/v1/repair", R"({"user":["alice"]})"), 400},
        {http("POST", "/v1/repair", std::string(8000, '[')), 400},
    };

    for (const auto& wrong : all) {
        const auto reply = say(wrong.bytes);
        INFO(wrong.bytes.substr(0, 60) << "\n" << reply.header << "\n" << reply.body);
        CHECK(reply.status == wrong.status);
        CHECK(reply.header.find("application/problem+json") != std::string::npos);
        CHECK(text_at(Json::parse(reply.body), "/detail").size() > 20);
    }
    Connection half;
    half.send(http("POST", "/v1/repair", "{}").substr(0, 50));
    half.end();
    CHECK(half.receive().starts_with("HTTP/1.1 400 "));
    CHECK(say(health).status == 200);
    CHECK(daemon.stop() == 0);
}

TEST_CASE("a client that goes away before its answer harms nobody", "[socket]") {
    Accounts accounts;
    const auto users = accounts.add("user", 40);
    Daemon daemon;

    for (int i = 0; i < 20; ++i)
        Connection{}.send(http("POST", "/v1/repair"));

    CHECK(eventually([] { return say(health).status == 200; }));
    CHECK(ctl({"repair"}).status == 0);
    open_up(users.front());
    check_becomes_whole(daemon, users.front());
    Connection last;
    last.send(http("POST", "/v1/repair"));
    CHECK(daemon.stop() == 0);
}

TEST_CASE("a daemon that only observes repairs nothing when it is asked", "[socket]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    Daemon daemon{Json{{"mode", "observe"}}};
    open_up(alice);

    const auto reply = say(http("POST", "/v1/repair"));

    CHECK(reply.status == 409);
    CHECK(mode_of(alice.home) == 0777);
    CHECK(ctl({"repair"}).status == 0); // nobody else repairs: by hand
    CHECK(is_whole(alice));
}

TEST_CASE("a daemon that hangs is reported after a while", "[socket]") {
    Accounts accounts;
    accounts.add("alice");
    Daemon daemon;
    daemon.process().signal(SIGSTOP);

    const auto ended = ctl({"repair"});

    daemon.process().signal(SIGCONT);
    CHECK(ended.status == 5);
    CHECK(says(ended, "does not answer in time"));
    CHECK(says(ended, std::to_string(daemon.process().pid())));
    CHECK(ctl({"repair"}).status == 0);
}

TEST_CASE("who holds the lock and cannot be asked is named", "[socket]") {
    Accounts accounts;
    accounts.add("alice");
    Daemon daemon;

    const auto ended = ctl({"repair", "--socket", "/run/nothing.sock"});

    CHECK(ended.status == 5);
    CHECK(says(ended, "/run/nothing.sock"));
    CHECK(says(ended, std::to_string(daemon.process().pid())));
    CHECK(ctl({"repair", "--socket", "/" + std::string(200, 'x')}).status == 5);
}

TEST_CASE("what a killed daemon left behind is replaced, what is in use is not", "[socket]") {
    Accounts accounts;
    accounts.add("alice");
    {
        Daemon killed;
        killed.process().signal(SIGKILL);
        killed.process().wait();
    }
    REQUIRE(is_there(socket_path));
    Daemon daemon;
    {
        Daemon second{Json{{"mode", "observe"}}};
        CHECK(second.process().err().find("another daemon listens") != std::string::npos);
        CHECK(second.stop() == 0);
    }

    CHECK(Json::parse(say(health).body).at("mode") == "repair");
}

TEST_CASE("something else in the socket's place is left alone, and repairs go on", "[socket]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    std::filesystem::create_directories("/run/sshpermd");
    std::filesystem::remove(socket_path);
    write_file(socket_path, "precious", {0600, {0, 0}});
    {
        Daemon daemon;
        open_up(alice);
        check_becomes_whole(daemon, alice);
        CHECK(daemon.stop() == 0);
    }
    CHECK(read_file(socket_path) == "precious");
    std::filesystem::remove(socket_path);
}

TEST_CASE("a word for one user's files needs that user's name", "[socket]") {
    const auto hash = "SHA256:" + std::string(43, 'a');

    CHECK(ctl({"repair", "--take-ownership"}).status == 2);
    CHECK(ctl({"repair", "--trust-content=" + hash}).status == 2);
    CHECK(ctl({"repair", "--trust-content=" + hash, "alice", "bob"}).status == 2);
    const auto ended = ctl({"repair", "--trust-content=abc", "alice"});
    CHECK(ended.status == 2);
    CHECK(says(ended, "SHA256:"));
}

} // namespace
