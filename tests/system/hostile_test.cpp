// The status socket under hostile hands: whoever they are, the daemon goes on and says so.
#include "accounts.hpp"
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "files.hpp"
#include "http.hpp"
#include "targets.hpp"

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <fstream>
#include <iterator>
#include <list>
#include <random>
#include <string>

namespace {

using namespace system_tests;

const std::string health = http("GET", "/v1/health");

/// For which the daemon must have nobody waiting any more.
bool answers() { return say(health).status == 200; }

TEST_CASE("who may not is told so, and is on record, of many once a minute", "[hostile]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    constexpr gid_t group = 777;
    std::ofstream{"/etc/group", std::ios::app} << "sshperm:x:777:\n";
    Daemon daemon;

    for (const auto* const path :
         {"/v1/repair", "/v1/forget", "/v1/pause", "/v1/resume", "/v1/reload"})
        CHECK(say(http("POST", path), owner(alice), {group}).status == 403);

    REQUIRE(daemon.reports("request.denied"));
    CHECK(answers());
    const auto denied = daemon.events("request.denied");
    REQUIRE(denied.size() == 1);
    CHECK(denied.at(0).at("request").at("uid") == alice.uid);
    CHECK(text_at(denied.at(0), "/message").find("alice") != std::string::npos);
    CHECK(text_at(denied.at(0), "/message").find("POST /v1/repair") != std::string::npos);
    for (const auto* const path :
         {"/v1/status", "/v1/users", "/v1/events", "/v1/config", "/metrics", "/v1/users/alice"})
        CHECK(say(http("GET", path), owner(alice), {group}).status == 200);
    CHECK(say(http("POST", "/v1/check"), owner(alice), {group}).status == 200);
    CHECK(daemon.events("daemon.paused").empty());
}

TEST_CASE("names and queries of any bytes are answered", "[hostile]") {
    Accounts accounts;
    Daemon daemon;
    struct Wrong {
        std::string target;
        int status;
    };
    const std::vector<Wrong> all{
        {"/v1/users/%00", 404},
        {"/v1/users/%", 404},
        {"/v1/users/", 404},
        {"/v1/users/a?x=1", 404},
        {"/v1/users/../../etc/passwd", 404},
        {"/v1/users/%ff%0a%1b%5b2J", 404},
        {"/v1/users/" + std::string(4000, 'a'), 404},
        {"/v1/users?after=%ff", 200},
        {"/v1/users?after=%", 400},
        {"/v1/users?after=a&after=b", 400},
        {"/v1/users?" + std::string(4000, '&'), 400},
        {"/v1/users?state=%1b%5b2J", 400},
        {"/v1/events?limit=99999999999999999999", 400},
        {"/v1/events?limit=-1", 400},
        {"/v1/events?since=%27", 400},
        {"/v1/events?since=../../../etc/shadow", 400},
        {"/v1/events?follow=yes", 400},
        {"/metrics?x=1", 404},
        {"*", 404},
        {"http://localhost/v1/health", 404},
    };
    for (const auto& wrong : all) {
        const auto reply = say(http("GET", wrong.target));
        INFO(wrong.target.substr(0, 80) << "\n" << reply.header << "\n" << reply.body);
        CHECK(reply.status == wrong.status);
        CHECK(Json::accept(reply.body));
    }
    for (const auto* const body :
         {"[]", "{\"for\":\"1h\"}", R"({"for":"1h","reason":"\ud800"})",
          "{\"for\":\"1h\",\"reason\":\"\xff\"}", R"({"for":"9999999999999999999h","reason":"x"})",
          R"({"for":"1h","for":"2h","reason":"x"})"})
        CHECK(say(http("POST", "/v1/pause", body)).status == 400);
    CHECK(say(http("POST", "/v1/resume", "x")).status == 400);
    CHECK(daemon.events("daemon.paused").empty());
    CHECK(answers());
}

TEST_CASE("whatever bytes come, repairs go on and the daemon ends when it should", "[hostile]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    Daemon daemon;
    std::mt19937 random{4711}; // the same each time
    const std::vector<std::string> sound{
        health, http("GET", "/v1/users?after=a&state=refused"), http("GET", "/v1/events?follow=1"),
        http("POST", "/v1/check", R"({"users":["alice"]})"),
        "GET /v1/status HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"};
    for (int times = 0; times < 300; ++times) {
        auto bytes = sound.at(random() % sound.size());
        for (unsigned changes = random() % 4; changes > 0; --changes)
            bytes.at(random() % bytes.size()) = static_cast<char>(random());
        bytes.resize(random() % 3 == 0 ? random() % bytes.size() : bytes.size());
        Connection connection;
        connection.send(bytes);
        if (random() % 2 == 0)
            connection.end();
        if (random() % 4 == 0)
            connection.receive(Duration{20});
    }

    CHECK(eventually(answers));
    Connection says_no_more;
    says_no_more.send(http("GET", "/v1/status"));
    says_no_more.end();
    CHECK(says_no_more.receive().starts_with("HTTP/1.1 200 "));
    open_up(alice);
    check_becomes_whole(daemon, alice);
    CHECK(daemon.stop() == 0);
}

TEST_CASE("a hundred silent clients and slow ones leave room for root", "[hostile]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    constexpr gid_t group = 777;
    std::ofstream{"/etc/group", std::ios::app} << "sshperm:x:777:\n";
    Daemon daemon;
    std::list<Connection> silent;
    for (int i = 0; i < 100; ++i)
        silent.emplace_back(owner(alice), std::vector<gid_t>{group});
    for (auto& one : silent)
        one.send("GET /v1/he");

    CHECK(answers());
    open_up(alice);
    check_becomes_whole(daemon, alice);
    CHECK(silent.front().receive().starts_with("HTTP/1.1 408 "));
    CHECK(silent.back().receive().starts_with("HTTP/1.1 503 "));
}

TEST_CASE("without a descriptor left the daemon repairs, and answers once there is one",
          "[hostile]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    Daemon daemon;
    REQUIRE(answers());
    const auto pid = daemon.process().pid();
    rlimit before{};
    REQUIRE(prlimit(pid, RLIMIT_NOFILE, nullptr, &before) == 0);
    // as many as it has, and some for the work of repairing
    const std::filesystem::directory_iterator all{"/proc/" + std::to_string(pid) + "/fd"};
    const auto open = static_cast<rlim_t>(std::distance(begin(all), end(all)));
    const rlimit few{open + 16, before.rlim_max};
    REQUIRE(prlimit(pid, RLIMIT_NOFILE, &few, nullptr) == 0);
    std::list<Connection> silent;
    for (int i = 0; i < 60; ++i)
        silent.emplace_back();

    silent.clear();
    CHECK(eventually(answers));
    for (int i = 0; i < 60; ++i)
        silent.emplace_back();
    REQUIRE(prlimit(pid, RLIMIT_NOFILE, &before, nullptr) == 0);
    silent.clear();
    CHECK(eventually(answers));
    open_up(alice);
    check_becomes_whole(daemon, alice);
    CHECK(daemon.stop() == 0);
}

TEST_CASE("a socket that is made anew while many ask leaves nobody hanging", "[hostile]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    Daemon daemon;
    for (int times = 0; times < 20; ++times) {
        std::list<Connection> asking;
        // The reload is told a moment before there is another socket.
        const auto asks = [&](const char* what) {
            return eventually([&] {
                try {
                    asking.emplace_back().send(http("GET", what));
                    return true;
                } catch (const std::exception&) {
                    return false;
                }
            });
        };
        set_mode(alice.ssh_dir(), 0777); // so that there is news
        for (int i = 0; i < 10; ++i)
            REQUIRE(asks(i % 2 == 0 ? "/v1/status" : "/v1/users/alice"));
        REQUIRE(asks("/v1/events?follow=1"));
        write_config(Json{{"socket", {{"group", times % 2 == 0 ? "daemon" : "root"}}}});
        daemon.process().signal(SIGHUP);
        REQUIRE(eventually([&] {
            return daemon.events("config.reloaded").size() > static_cast<unsigned>(times);
        }));
        REQUIRE(eventually([] { return is_there(socket_path); }));
    }
    CHECK(eventually(answers));
    check_becomes_whole(daemon, alice);
    CHECK(daemon.stop() == 0);
}

/// A socket that listens, as the service manager would make it.
class Listener {
  public:
    explicit Listener(int kind = SOCK_STREAM) : fd_(::socket(AF_UNIX, kind, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::filesystem::create_directories("/run/sshpermd");
        std::filesystem::remove(socket_path);
        std::memcpy(address.sun_path, socket_path.data(), socket_path.size());
        REQUIRE(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
        if (kind == SOCK_STREAM)
            REQUIRE(::listen(fd_, 16) == 0);
        std::filesystem::permissions(socket_path, std::filesystem::perms{0666});
    }
    ~Listener() {
        ::close(fd_);
        std::filesystem::remove(socket_path);
    }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    /// A daemon that finds it as descriptor 3.
    CommandLine daemon(const std::string& config) const {
        return {{"bash", "-c",
                 "exec 3<&" + std::to_string(fd_) + "; export LISTEN_FDS=1 LISTEN_PID=$$; exec " +
                     sshpermd() + " --log-target stderr --config " + config}};
    }

  private:
    int fd_;
};

TEST_CASE("a socket that the service manager listens at is used and left in its place",
          "[hostile]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const Listener listener;
    Daemon daemon{listener.daemon(write_config(Json::object()))};
    REQUIRE(daemon.reports("scan.completed"));

    CHECK(eventually(answers));
    // Everybody may connect to this one: who may ask is still decided by who it is.
    CHECK(say(health, owner(alice)).status == 403);
    CHECK(daemon.reports("request.denied"));
    CHECK(daemon.stop() == 0);
    CHECK(is_there(socket_path));
}

TEST_CASE("something that is no listening socket is not taken for one", "[hostile]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const Listener datagrams{SOCK_DGRAM};
    Daemon daemon{datagrams.daemon(write_config(Json::object()))};

    CHECK(eventually([&] {
        for (const auto& event : daemon.events("daemon.degraded"))
            if (text_at(event, "/trouble") == "no_socket")
                return true;
        return false;
    }));
    open_up(alice);
    check_becomes_whole(daemon, alice);
    CHECK(daemon.stop() == 0);
}

} // namespace
