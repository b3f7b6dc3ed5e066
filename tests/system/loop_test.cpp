// The loop: a queue that overflows, its own events, observing, and the end.
#include "accounts.hpp"
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "files.hpp"
#include "notify_socket.hpp"
#include "targets.hpp"

#include <chrono>
#include <csignal>
#include <string>
#include <thread>

namespace {

namespace fs = std::filesystem;
using namespace system_tests;

TEST_CASE("when the queue overflows everything is looked at", "[watch]") {
    Accounts accounts;
    const auto noisy = accounts.add("noisy", 10);
    const auto unheard = accounts.add("unheard", 30);
    const auto limit = std::stoul(read_file("/proc/sys/fs/inotify/max_queued_events"));
    Daemon daemon;
    daemon.process().signal(SIGSTOP);

    // Neighbouring events that are the same are merged: go round, so that they are not.
    for (unsigned long made = 0; made < limit + 100; ++made)
        set_mode(noisy[made % noisy.size()].authorized_keys(), 0640);
    for (const auto& account : unheard) {
        fs::rename(account.ssh_dir(), account.home / "old");
        make_directory(account.ssh_dir(), {0777, owner(account)});
        write_file(account.authorized_keys(), "", {0666, owner(account)});
        set_mode(account.home, 0777);
    }
    daemon.process().signal(SIGCONT);

    CHECK(daemon.reports("watch.overflow"));
    for (const auto& account : unheard)
        check_becomes_whole(daemon, account);
    set_mode(unheard.front().authorized_keys(), 0666);
    check_becomes_whole(daemon, unheard.front());
}

TEST_CASE("a change that changes nothing is answered by nothing", "[watch]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto bob = accounts.add("bob");
    Daemon daemon;
    set_mode(alice.authorized_keys(), 0666);
    REQUIRE(eventually([&] { return is_whole(alice); }));
    wait_for_a_round(daemon, bob);

    for (int i = 0; i < 100; ++i)
        set_mode(alice.authorized_keys(), 0600);
    wait_for_a_round(daemon, bob);
    wait_for_a_round(daemon, bob);

    CHECK(daemon.events("permission.repaired", "alice").size() == 1);
    CHECK(daemon.events("drift.detected", "alice").empty());
}

TEST_CASE("its own repairs do not keep the daemon busy", "[watch]") {
    Accounts accounts;
    const auto people = accounts.add("user", 20);
    Daemon daemon;
    for (const auto& account : people)
        open_up(account);
    for (const auto& account : people)
        check_becomes_whole(daemon, account);
    wait_for_a_round(daemon, people.front());
    const auto repaired = [&] { return daemon.events("permission.repaired").size(); };
    const auto drifts = repaired();
    REQUIRE(drifts >= people.size());
    const auto ticks = [&] { return processor_ticks(daemon.process().pid()); };
    const auto busy = ticks();

    std::this_thread::sleep_for(std::chrono::seconds{1});

    CHECK(ticks() - busy < 20); // of 100
    CHECK(repaired() == drifts);
}

TEST_CASE("an idle daemon sleeps but for the watchdog", "[watch]") {
    using namespace std::chrono_literals;
    constexpr auto period = 200ms; // half of $WATCHDOG_USEC
    Accounts accounts;
    const auto people = accounts.add("user", 10);
    const auto woken_within = [](pid_t pid, std::chrono::milliseconds time) {
        const auto before = wake_ups(pid);
        std::this_thread::sleep_for(time);
        return wake_ups(pid) - before;
    };

    SECTION("without one it is not woken at all") {
        Daemon daemon;
        wait_for_a_round(daemon, people.front());
        const auto pid = daemon.process().pid();
        REQUIRE(eventually([&] { return woken_within(pid, 2s) == 0; }));

        CHECK(woken_within(pid, 5s) == 0);
    }
    SECTION("with one it is woken for each keep-alive") {
        NotifySocket manager;
        Daemon daemon{
            CommandLine{{"env", "NOTIFY_SOCKET=" + manager.path(), "WATCHDOG_USEC=400000",
                         sshpermd(), "--log-target", "stderr", "--config", write_config({})}}};
        REQUIRE(eventually([&] { return manager.count("WATCHDOG=1") > 2; }));
        const auto kept_alive = manager.count("WATCHDOG=1");
        const auto woken = woken_within(daemon.process().pid(), 20 * period);
        const auto keep_alives = manager.count("WATCHDOG=1") - kept_alive;

        CHECK(keep_alives > 0);
        CHECK(woken > 0);
        CHECK(woken <= 2 * (keep_alives + 1));
    }
}

TEST_CASE("in observe mode each drift is reported once and nothing is changed", "[watch]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto bob = accounts.add("bob");
    open_up(alice);
    const auto before = snapshot("/home");
    Daemon daemon{Json{{"mode", "observe"}}};

    set_mode(alice.ssh_dir(), 0777);
    open_up(bob);

    CHECK(eventually([&] { return daemon.events("drift.detected", "bob").size() == 3; }));
    CHECK(daemon.events("drift.detected", "alice").size() == 3);
    CHECK(daemon.events("permission.repaired").empty());
    CHECK(snapshot("/home").at(alice.ssh_dir().native()) == before.at(alice.ssh_dir().native()));
    CHECK(mode_of(bob.home) == 0777);
    CHECK(daemon.stop() == 0);
}

TEST_CASE("SIGTERM ends the daemon with status 0 and a last word", "[watch]") {
    Accounts accounts;
    accounts.add("alice");
    Daemon daemon;
    REQUIRE(daemon.events("daemon.started").size() == 1);

    CHECK(daemon.stop() == 0);
    CHECK(daemon.events("daemon.stopping").size() == 1);
}

TEST_CASE("events are numbered without a gap", "[watch]") {
    Accounts accounts;
    const auto people = accounts.add("user", 10);
    Daemon daemon;
    for (const auto& account : people)
        open_up(account);
    for (const auto& account : people)
        check_becomes_whole(daemon, account);
    REQUIRE(daemon.stop() == 0);

    std::uint64_t expected = 1;
    for (const auto& event : daemon.events())
        CHECK(event.at("seq").get<std::uint64_t>() == expected++);
}

} // namespace
