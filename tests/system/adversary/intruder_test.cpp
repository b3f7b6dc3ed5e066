// While an account's files are open to everybody, an intruder plants a key: making the modes right
// again must not make sshd trust it.
#include "adversary/intrusions.hpp"
#include "adversary/stage.hpp"
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "files.hpp"
#include "targets.hpp"

#include <csignal>
#include <functional>
#include <iostream>
#include <optional>
#include <thread>

namespace {

using namespace system_tests;
using namespace adversary;
using std::chrono::milliseconds;

struct Outcome {
    int openings = 0;          ///< of alice's files
    unsigned long deeds = 0;   ///< how often the intruder had his moment
    unsigned long moments = 0; ///< in which sshd would have let him in
    unsigned long logins = 0;  ///< to the real sshd
};

/// What a repairer needs until it has seen that somebody can log in, and knows the keys.
void let_it_be_known() { std::this_thread::sleep_for(milliseconds{300}); }

class Intruder {
  public:
    /// Without a defender, who has to know what was before, he loses no time.
    explicit Intruder(const Account& mallory, const Process* defender = nullptr)
        : mallory_{mallory}, defender_{defender} {}

    /// Alice's files are opened, and the intruder tries to get in: now, while `repair` runs again
    /// and again, and when it is over. Again until `time` is over or `is_enough` logins worked, and
    /// as often as it takes until he had his moment.
    Outcome intrude(const Intrusion& intrusion, const Account& alice, milliseconds time,
                    const std::function<void()>& repair, unsigned long is_enough = ~0UL) {
        constexpr int tries = 40;
        const auto end = Clock::now() + time;
        Outcome outcome;
        do
            intrude_once(intrusion, alice, repair, is_enough, outcome);
        while (outcome.logins < is_enough &&
               (Clock::now() < end || (outcome.deeds == 0 && outcome.openings < tries)));
        return outcome;
    }

  private:
    void intrude_once(const Intrusion& intrusion, const Account& alice,
                      const std::function<void()>& repair, unsigned long is_enough,
                      Outcome& outcome) {
        const Scene scene{alice.home, alice.authorized_keys(), key_.line};
        furnish(alice, mallory_, key_.line);
        if (defender_ != nullptr)
            let_it_be_known();

        ++outcome.openings;
        Busy intruder{&mallory_, [&](Shared& shared) { intrusion.act(scene, shared); }};
        std::this_thread::sleep_for(milliseconds{20});
        const auto watch_for = [&](milliseconds time, const std::function<bool()>& until) {
            eventually([&] { return repair(), until(); }, time);
        };
        const auto log_in = [&] {
            outcome.logins += server_.login(alice, key_).accepted;
            return outcome.logins >= is_enough;
        };
        std::optional<Busy> moments;
        if (intrusion.counts_at_once)
            moments.emplace(&alice, would_accept(scene));
        // At first he races with the defender; then the machine is too busy for that.
        const bool is_busy = defender_ != nullptr && outcome.openings > 1;
        if (is_busy && intrusion.opening != Opening::ssh_dir_later)
            defender_->signal(SIGSTOP);
        open_up(alice, intrusion.opening);
        if (is_busy) {
            std::this_thread::sleep_for(milliseconds{10});
            defender_->signal(SIGCONT);
        }
        if (intrusion.counts_at_once) {
            watch_for(milliseconds{200}, [&] { return intruder.count() > 0; });
        } else {
            watch_for(std::chrono::seconds{2}, [] { return false; });
            moments.emplace(&alice, would_accept(scene));
        }
        if (intruder.count() > 0)
            watch_for(milliseconds{200}, log_in);
        const auto deeds = intruder.end();
        if (deeds > 0 && outcome.logins < is_enough) // what he did last may be the worst
            watch_for(milliseconds{100}, log_in);
        outcome.deeds += deeds;
        outcome.moments += moments->end();
        set_mode("/home", 0755);
    }

    const Account& mallory_;
    const Process* defender_;
    KeyPair key_ = key_pair("mallory");
    SshServer server_;
};

void say(const Intrusion& intrusion, const Outcome& outcome) {
    std::cout << "the intruder " << intrusion.name << ": " << outcome.deeds << " times in "
              << outcome.openings << " openings; sshd would have let him in at " << outcome.moments
              << " moments and did " << outcome.logins << " times" << std::endl;
}

TEST_CASE("no key that others could have written opens a login", "[intruder]") {
    Accounts accounts;
    const auto mallory = accounts.add("mallory");
    const auto alices = accounts.add("alice", static_cast<int>(intrusions().size()));
    Daemon daemon;
    Intruder intruder{mallory, &daemon.process()};

    for (std::size_t i = 0; i < alices.size(); ++i) {
        const auto& intrusion = intrusions()[i];
        const auto outcome = intruder.intrude(intrusion, alices[i], duration(), [] {});
        say(intrusion, outcome);
        INFO("the intruder " << intrusion.name << "\n" << daemon.story(alices[i].name));
        CHECK(outcome.deeds > 0);
        CHECK(outcome.moments == 0);
        CHECK(outcome.logins == 0);
        REQUIRE(daemon.process().running());
    }
    CHECK(daemon.stop() == 0);
}

TEST_CASE("a repairer of modes lets the intruder in", "[intruder]") {
    Accounts accounts;
    const auto mallory = accounts.add("mallory");
    const auto alices = accounts.add("alice", static_cast<int>(intrusions().size()));
    Intruder intruder{mallory};

    for (std::size_t i = 0; i < alices.size(); ++i) {
        const auto& intrusion = intrusions()[i];
        const auto outcome = intruder.intrude(
            intrusion, alices[i], std::chrono::seconds{20},
            [&] {
                std::this_thread::sleep_for(milliseconds{5});
                repair_naively(alices[i]);
            },
            1);
        std::cout << "control: ";
        say(intrusion, outcome);
        INFO("the intruder " << intrusion.name);
        CHECK(outcome.deeds > 0);
        CHECK(outcome.moments > 0);
        CHECK(outcome.logins > 0);
    }
}

} // namespace
