// A user who makes as many events as the machine can, or undoes each repair: others do not wait
// for long, and nothing of it stays in the daemon.
#include "adversary/attacker.hpp"
#include "adversary/resources.hpp"
#include "adversary/stage.hpp"
#include "catch.hpp"
#include "daemon.hpp"
#include "files.hpp"
#include "targets.hpp"

#include <cstdlib>
#include <fcntl.h>
#include <iostream>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace {

using namespace system_tests;
using namespace adversary;

void make(const char* name) {
    const int fd = ::open(name, O_CREAT | O_WRONLY | O_CLOEXEC | O_NONBLOCK, 0666);
    if (fd >= 0)
        ::close(fd);
}

/// Names of files come and go, in the home and in .ssh; so does .ssh.
void storm(Shared& shared) {
    for (const auto* const name : {"storm", ".ssh/storm"}) {
        make(name);
        ::chmod(name, 0600);
        ::rename(name, ".ssh/blown");
        ::unlink(".ssh/blown");
    }
    ::rename(".ssh", "gone");
    ::rename("gone", ".ssh");
    ++shared.count;
}

void flap(Shared& shared) {
    for (const mode_t mode : {0777U, 0700U, 0755U, 0777U}) {
        ::chmod(".", mode);
        ::chmod(".ssh", mode);
        ::chmod(".ssh/authorized_keys", mode);
    }
    ++shared.count;
}

/// He lets the daemon repair, and undoes it then.
void flap_slowly(Shared& shared) {
    flap(shared);
    nap(std::chrono::milliseconds{5});
}

void replace(Shared& shared) {
    ::unlink(".ssh/authorized_keys");
    make(".ssh/authorized_keys");
    ::chmod(".ssh/authorized_keys", 0666);
    ++shared.count;
}

void everything(Shared& shared) {
    void (*const all[])(Shared&) = {storm, flap, replace};
    all[shared.count % std::size(all)](shared);
}

struct Noise {
    const char* name;
    void (*act)(Shared& shared);
};

constexpr Noise noises[] = {{"event storm", storm},
                            {"flapping", flap},
                            {"patient flapping", flap_slowly},
                            {"storm, flapping and new files", everything}};

/// The longest that the neighbour waited while somebody else made noise.
Duration longest_wait(const Account& neighbour, std::chrono::milliseconds time) {
    Duration longest{0};
    const auto end = Clock::now() + time;
    do {
        const auto since = Clock::now();
        open_up(neighbour);
        eventually([&] { return is_whole(neighbour); });
        longest = std::max(longest, std::chrono::duration_cast<Duration>(Clock::now() - since));
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
    } while (Clock::now() < end);
    return longest;
}

/// What a daemon has between its rounds, not in the middle of one.
Resources at_rest(pid_t daemon) {
    auto last = resources(daemon);
    eventually([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds{200});
        const auto now = resources(daemon);
        const bool is_at_rest = now.descriptors == last.descriptors && now.watches == last.watches;
        last = now;
        return is_at_rest;
    });
    return last;
}

TEST_CASE("a storm of events keeps nobody waiting and leaves nothing behind", "[adversary]") {
    // Memory that AddressSanitizer keeps from being used again would look like a leak.
    ::setenv("ASAN_OPTIONS", "quarantine_size_mb=1", 0);
    constexpr std::size_t slack_kib = 24 * 1024;
    Accounts accounts;
    const auto mallory = accounts.add("mallory");
    const auto neighbour = accounts.add("neighbour");
    // Patient with the neighbour, whose files are opened often here, not with a storm.
    Daemon daemon{Json{{"flap", {{"burst", 100}, {"window", "1s"}}}}};
    const auto most = at_rest(daemon.process().pid()).watches;

    for (const auto& noise : noises) {
        // A repair in the new .ssh shows that it is watched.
        start_over(mallory);
        open_up(mallory);
        REQUIRE(eventually([&] { return is_whole(mallory) && is_whole(neighbour); }));
        const auto before = at_rest(daemon.process().pid());
        Busy attacker{&mallory, noise.act};

        const auto waited = longest_wait(neighbour, duration());

        const auto count = attacker.end();
        start_over(mallory);
        open_up(mallory);
        const bool is_served =
            eventually([&] { return is_whole(mallory); }, std::chrono::seconds{10});
        Resources after;
        const bool is_as_before = eventually(
            [&] {
                after = resources(daemon.process().pid());
                // What was noisy is not watched for a while.
                return after.descriptors == before.descriptors && after.watches <= most;
            },
            std::chrono::seconds{10});
        std::cout << noise.name << ": " << count << " times, the neighbour waited "
                  << waited.count() << " ms; " << after.descriptors << " descriptors ("
                  << before.descriptors << " before), " << after.watches << " watches (" << most
                  << "), " << after.resident_kib << " KiB (" << before.resident_kib << ")"
                  << std::endl;
        INFO(noise.name << "\n" << daemon.tail());
        CHECK(count > 0);
        CHECK(waited <= std::chrono::seconds{2});
        CHECK(is_served);
        CHECK(is_as_before);
        CHECK(after.resident_kib <= before.resident_kib + slack_kib);
        REQUIRE(daemon.process().running());
    }
    CHECK(daemon.stop() == 0);
}

/// With the flap control as installed: slower and slower, but never given up.
TEST_CASE("whoever flaps is repaired within ten seconds after", "[adversary]") {
    Accounts accounts;
    const auto mallory = accounts.add("mallory");
    const auto neighbour = accounts.add("neighbour");
    Daemon daemon{Json{{"flap", nullptr}}};
    Busy attacker{&mallory, flap_slowly};
    std::this_thread::sleep_for(std::max(duration(), std::chrono::milliseconds{1'000}));
    CHECK(attacker.end() > 0);

    open_up(mallory);
    open_up(neighbour);

    const auto since = Clock::now();
    CHECK(eventually([&] { return is_whole(neighbour); }, std::chrono::seconds{2}));
    CHECK(eventually(
        [&] { return is_whole(mallory); },
        std::chrono::duration_cast<Duration>(since + std::chrono::seconds{10} - Clock::now())));
    CHECK(daemon.stop() == 0);
}

} // namespace
