// An ordinary user who swaps what is in an own home as fast as the machine allows, to make root's
// repairer act on something else; and a repairer that loses to him, as the control.
#include "adversary/attacks.hpp"
#include "adversary/hard_links.hpp"
#include "adversary/stage.hpp"
#include "adversary/victims.hpp"
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "http.hpp"
#include "ssh_server.hpp"
#include "targets.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <unistd.h>

namespace {

using namespace system_tests;
using namespace adversary;

/// Everybody and everything that an attack needs.
class Stage {
  public:
    const Account& mallory() const { return mallory_; }
    const Account& neighbour() const { return neighbour_; }

    /// Of the last attack, in words.
    const std::string& first_win() const { return first_win_; }

    /// Runs one attack, and `repair` again and again meanwhile, until the time is over or
    /// `is_enough` wins are counted. The wins; nothing when this machine cannot show it.
    std::optional<unsigned long> wins(const Attack& attack, std::chrono::milliseconds time,
                                      const std::function<void()>& repair,
                                      unsigned long is_enough = ~0UL) {
        std::optional<UnprotectedHardLinks> unprotected;
        if (attack.hard_links == HardLinks::unprotected &&
            !unprotected.emplace().obstacle().empty()) {
            std::cout << attack.name << ": skipped, " << unprotected->obstacle() << std::endl;
            return std::nullopt;
        }
        start_over(mallory_);
        Monitor monitor{victims_, mallory_};
        Busy attacker{&mallory_, run(attack)};
        const auto end = Clock::now() + time;
        while (Clock::now() < end && monitor.wins() < is_enough) {
            if (attack.mistake == Mistake::home_root_open)
                set_mode("/home", 0777);
            repair();
            stash_.fill();
        }
        CHECK(attacker.end() > 0);
        // What he left is still there, and looked at.
        std::this_thread::sleep_for(std::min(time, std::chrono::milliseconds{100}));
        siblings_.put_back();
        const auto wins = monitor.end();
        first_win_ = monitor.first();
        victims_.put_back(mallory_);
        return wins;
    }

    /// Is this in a file of somebody else's?
    bool has_key(const std::string& key) const {
        return std::any_of(victims_.all().begin(), victims_.all().end(), [&](const auto& victim) {
            const auto held = "/proc/self/fd/" + std::to_string(victim.held);
            return std::filesystem::is_regular_file(held) &&
                   must_run({"cat", "/proc/" + std::to_string(::getpid()) + "/fd/" +
                                        std::to_string(victim.held)})
                           .find(key) != std::string::npos;
        });
    }

  private:
    std::string first_win_;
    Accounts accounts_;
    Account mallory_ = accounts_.add("mallory");
    Account neighbour_ = accounts_.add("neighbour");
    Victims victims_{mallory_, neighbour_};
    Stash stash_{mallory_};
    Siblings siblings_{[&] {
        auto names = Victims::siblings();
        names.push_back(mallory_.home);
        return names;
    }()};
};

/// It would slow down for the attacker's home, and so meet fewer of his swaps.
const Json tireless{{"flap", {{"burst", 1000}, {"window", "1s"}}}};

void a_moment() { std::this_thread::sleep_for(std::chrono::milliseconds{1}); }

/// After an attack: nobody has to wait for long, not even who did it.
void check_service(Daemon& daemon, const Stage& stage) {
    open_up(stage.neighbour());
    const bool is_neighbour_served =
        eventually([&] { return is_whole(stage.neighbour()); }, std::chrono::seconds{2});
    start_over(stage.mallory());
    open_up(stage.mallory());
    const bool is_attacker_served =
        eventually([&] { return is_whole(stage.mallory()); }, std::chrono::seconds{10});

    INFO(describe(stage.neighbour()) << "\n" << describe(stage.mallory()) << "\n" << daemon.tail());
    CHECK(is_neighbour_served);
    CHECK(is_attacker_served);
    REQUIRE(daemon.process().running());
}

TEST_CASE("no swap makes root act on what is not the attacker's", "[adversary]") {
    Stage stage;
    Daemon daemon{tireless};

    for (const auto& attack : attacks()) {
        const auto wins = stage.wins(attack, duration(), a_moment);
        if (!wins)
            continue;
        std::cout << attack.name << ": " << *wins << " wins, "
                  << daemon.events("permission.repaired", "mallory").size()
                  << " repairs of the attacker's so far" << std::endl;
        INFO(attack.name << ": " << stage.first_win());
        CHECK(*wins == 0);
        check_service(daemon, stage);
    }
    CHECK(daemon.stop() == 0);
}

/// The shortest of the attacks: one rename while /home is open, and then patience.
TEST_CASE("root's directory that took a home's name while /home was open stays root's",
          "[adversary]") {
    Accounts accounts;
    const auto mallory = accounts.add("mallory");
    const auto bystander = accounts.add("bystander");
    make_directory("/home/backup", {0700, {0, 0}});
    make_directory("/home/backup/.ssh", {0700, {0, 0}});
    write_file("/home/backup/.ssh/authorized_keys", public_key(), {0600, {0, 0}});
    Daemon daemon;
    set_mode("/home", 0777);
    exchange("/home/backup", mallory.home);
    REQUIRE(eventually([] { return mode_of("/home") == 0755; }));

    set_mode(mallory.home, 0700); // an event makes the daemon look again
    wait_for_a_round(daemon, bystander);
    std::this_thread::sleep_for(std::chrono::milliseconds{1500});

    INFO(daemon.story("mallory"));
    CHECK(owner_of(mallory.home) == Owner{});
}

/// Either of them might give back what the other holds.
TEST_CASE("two repairers at once do not let each other's hold go", "[adversary]") {
    Stage stage;
    Daemon daemon{tireless};

    for (const auto& attack : attacks()) {
        if (is_short() && !attack.is_hard)
            continue;
        int runs = 0;
        int refused = 0;
        const auto wins = stage.wins(attack, duration(), [&] {
            const auto ended = run({sshpermctl(), "repair", "--json", "mallory"});
            ++runs;
            refused += ended.status == 5; // the daemon has the lock
        });
        if (!wins)
            continue;
        std::cout << attack.name << ": " << *wins << " wins over daemon and tool, which ran "
                  << runs << " times and left it to the daemon " << refused << " times"
                  << std::endl;
        INFO(attack.name << ": " << stage.first_win());
        CHECK(*wins == 0);
        check_service(daemon, stage);
    }
    CHECK(daemon.stop() == 0);
}

/// Without the daemon's patience with what is new: as many holds and takeovers as can be.
TEST_CASE("no swap makes the tool act on what is not the attacker's", "[adversary]") {
    Stage stage;

    for (const auto& attack : attacks()) {
        if (is_short() && !attack.is_hard)
            continue;
        int runs = 0;
        int given = 0;
        const auto wins = stage.wins(attack, duration(), [&] {
            const auto ended = run({sshpermctl(), "repair", "--json", "mallory"});
            given +=
                ended.out.find(R"("reasons":["too_open","wrong_owner")") != std::string::npos ||
                ended.out.find(R"("reasons":["wrong_owner")") != std::string::npos;
            ++runs;
        });
        if (!wins)
            continue;
        std::cout << attack.name << ": " << *wins << " wins over the tool in " << runs << " runs, "
                  << given << " times something of root's was given away" << std::endl;
        INFO(attack.name << ": " << stage.first_win());
        CHECK(*wins == 0);
    }
}

/// As often as can be, while he swaps the file, its directory and what they lead to.
TEST_CASE("no swap makes a key go into what is not the attacker's", "[adversary]") {
    const auto pair = key_pair("new");
    const auto key = pair.line.substr(0, pair.line.find(' ', pair.line.find(' ') + 1) - 4);
    Stage stage;
    Daemon daemon{tireless};

    for (const auto& attack : attacks()) {
        if (is_short() && !attack.is_hard)
            continue;
        unsigned long asked = 0;
        unsigned long done = 0;
        const auto wins = stage.wins(attack, duration(), [&] {
            const auto number = std::to_string(1000 + asked++ % 9000); // digits of base64, too
            const Json request{
                {"user", "mallory"}, {"file", "authorized_keys"}, {"key", key + number}};
            const auto reply = say(http("POST", "/v1/keys", request.dump()));
            done += reply.body.find("\"added\"") != std::string::npos;
        });
        if (!wins)
            continue;
        std::cout << attack.name << ": " << *wins << " wins, " << done << " of " << asked
                  << " keys added" << std::endl;
        INFO(attack.name << ": " << stage.first_win());
        CHECK(*wins == 0);
        CHECK_FALSE(stage.has_key(key));
        check_service(daemon, stage);
    }
    CHECK(daemon.stop() == 0);
}

TEST_CASE("the same attacks beat a repairer that works by path", "[adversary]") {
    constexpr unsigned long shown = 3;
    Stage stage;

    for (const auto& attack : attacks()) {
        const auto wins = stage.wins(
            attack, std::chrono::seconds{attack.beats_naive ? 90 : 1},
            [&] {
                for (int i = 0; i < 100; ++i)
                    repair_by_path(stage.mallory());
            },
            shown);
        if (!wins)
            continue;
        std::cout << attack.name << ": " << *wins << " wins over the control" << std::endl;
        INFO(attack.name);
        if (attack.beats_naive)
            CHECK(*wins > 0);
    }
}

} // namespace
