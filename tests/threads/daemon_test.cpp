// The daemon as a whole, built with ThreadSanitizer, when everybody wants something of it at once.
#include "accounts.hpp"
#include "catch.hpp"
#include "daemon.hpp"
#include "http.hpp"
#include "targets.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <deque>
#include <string>

namespace {

using namespace system_tests;

constexpr std::chrono::seconds load_time{15};
constexpr std::size_t most_waiting = 8;

/// Clients of every kind, some of whom have no patience, and some of whom say nothing.
class Clients {
  public:
    void talk(unsigned turn) {
        static const std::array<std::string, 17> requests{
            http("GET", "/v1/health"),
            http("GET", "/v1/version"),
            http("GET", "/v1/status"),
            http("GET", "/v1/users"),
            http("GET", "/v1/users/user1"),
            http("GET", "/v1/events"),
            http("GET", "/v1/config"),
            http("GET", "/metrics"),
            http("GET", "/v1/status"),
            http("POST", "/v1/check"),
            http("POST", "/v1/pause", R"({"for":"1s","reason":"a race"})"),
            http("POST", "/v1/resume"),
            http("POST", "/v1/repair", R"({"users":["user1"]})"),
            http("POST", "/v1/repair"),
            http("POST", "/v1/forget", R"({"users":["user2"]})"),
            "GET /v1/events?follow=1 HTTP/1.1\r\n\r\n",
            "GET /v1/heal"};
        const auto& request = requests[turn % requests.size()];
        const bool is_answered = request.find("\r\n") != std::string::npos &&
                                 request.find("follow") == std::string::npos;
        if (turn % 3 != 0 && is_answered) {
            answers_ += say(request).status != 0 ? 1U : 0U;
            return;
        }
        open_.emplace_back().send(request); // and does not wait for the answer
        if (open_.size() > most_waiting)
            open_.pop_front();
    }
    unsigned answers() const { return answers_; }

  private:
    std::deque<Connection> open_;
    unsigned answers_ = 0;
};

TEST_CASE("the daemon's threads get along while everybody wants something of it", "[daemon]") {
    Accounts accounts;
    const auto people = accounts.add("user", 20);
    const auto config = [](const char* mode) {
        return Json{{"mode", mode}, {"flap", {{"burst", 5}, {"max_delay", "1s"}}}};
    };
    Daemon daemon{config("repair")};
    Clients clients;

    const auto end = std::chrono::steady_clock::now() + load_time;
    try {
        for (unsigned turn = 1; std::chrono::steady_clock::now() < end; ++turn) {
            open_up(people[turn % 6]);
            clients.talk(turn);
            if (turn % 40 == 0) {
                write_config(config(turn % 160 == 0 ? "observe" : "repair"));
                daemon.process().signal(SIGHUP);
            }
            if (turn % 100 == 0)
                accounts.add("late" + std::to_string(turn));
            std::this_thread::sleep_for(Duration{2});
        }
    } catch (const std::exception& error) { // nobody listens any more, perhaps
        UNSCOPED_INFO(error.what());
    }
    const auto status = daemon.stop();

    INFO(daemon.process().out() << daemon.tail());
    CHECK(status == 0);
    CHECK(clients.answers() > 100);
    CHECK(daemon.events("permission.repaired").size() > 20);
    CHECK(daemon.events("config.reloaded").size() > 2);
    CHECK_FALSE(daemon.events("daemon.stopping").empty());
}

TEST_CASE("threads that look at many homes get along with the loop, and end when it does",
          "[daemon]") {
    Accounts accounts;
    const auto people = accounts.add("user", 600); // from 512 on
    const Json config{{"mode", "repair"}};
    Daemon daemon{config};

    const auto end = std::chrono::steady_clock::now() + load_time;
    for (std::size_t turn = 1; std::chrono::steady_clock::now() < end; ++turn) {
        loosen(people[7 * turn % people.size()]);
        if (turn % 100 == 0)
            daemon.process().signal(SIGHUP); // both looks from the start, the last one cut short
        std::this_thread::sleep_for(Duration{5});
    }
    const auto status = daemon.stop();

    INFO(daemon.process().out() << daemon.tail());
    CHECK(status == 0);
    CHECK(daemon.events("permission.repaired").size() > 20);
    CHECK(daemon.events("config.reloaded").size() > 2);
}

} // namespace
