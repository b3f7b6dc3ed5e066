// Fights: the fifth time in a day that the same change is undone is told, and not the sixth.
#include "catch.hpp"

#include "keeper/fights.hpp"

#include <chrono>
#include <string>

using namespace sshpermd;
using namespace std::chrono_literals;

namespace {

const Fights::Clock::time_point start = Fights::Clock::time_point{} + 1000h;

/// A repair of a directory of alice's, from one mode to another.
Report repair(unsigned found, unsigned made = 0700, const std::string& path = "/home/alice") {
    Report report;
    report.path = path;
    Observed observed;
    observed.type = FileType::dir;
    observed.mode = Mode{found};
    observed.owner = observed.group = 1001;
    report.observed = report.after = observed;
    report.after->mode = Mode{made};
    return report;
}

/// How many of so many repairs of one kind are told.
int told(Fights& fights, const Report& report, int repairs, Fights::Clock::time_point from,
         Fights::Clock::duration apart) {
    int count = 0;
    for (int i = 0; i < repairs; ++i)
        count += fights.repaired(report, from + i * apart) ? 1 : 0;
    return count;
}

} // namespace

TEST_CASE("the fifth repair of a kind in a day is a fight, however slowly", "[fights]") {
    const auto apart = GENERATE(Fights::Clock::duration{0}, 1s, 1h, 6h);
    Fights fights;

    CHECK(told(fights, repair(0755), 4, start, apart) == 0);
    CHECK(fights.repaired(repair(0755), start + 4 * apart));
}

TEST_CASE("four repairs in any day are no fight, for ever", "[fights]") {
    Fights fights;

    CHECK(told(fights, repair(0755), 1000, start, 6h + 1s) == 0);
}

TEST_CASE("a fight that goes on is told once, fast or slow", "[fights]") {
    const auto apart = GENERATE(Fights::Clock::duration{1ms}, 1h, 6h, 24h);
    Fights fights;
    REQUIRE(told(fights, repair(0755), 5, start, 0s) == 1);

    CHECK(told(fights, repair(0755), 1000, start, apart) == 0);
}

TEST_CASE("a fight is told again after a quiet day, at the fifth repair", "[fights]") {
    Fights fights;
    REQUIRE(told(fights, repair(0755), 5, start, 1h) == 1);
    const auto last = start + 4h;

    SECTION("not quite a day") { CHECK(told(fights, repair(0755), 6, last + 24h, 1h) == 0); }
    SECTION("a day") {
        CHECK(told(fights, repair(0755), 4, last + 24h + 1s, 1h) == 0);
        CHECK(fights.repaired(repair(0755), last + 24h + 1s + 4h));
    }
}

TEST_CASE("only the same change counts: found, made, owner, group and file", "[fights]") {
    auto other = repair(0755);
    SECTION("found") { other = repair(0750); }
    SECTION("made") { other = repair(0755, 0711); }
    SECTION("owner") { other.observed->owner = 0; }
    SECTION("group") { other.observed->group = 0; }
    SECTION("owner made") { other.after->owner = 0; }
    SECTION("group made") { other.after->group = 0; }
    SECTION("file") { other = repair(0755, 0700, "/home/alice/.ssh"); }
    Fights fights;
    REQUIRE(told(fights, repair(0755), 4, start, 1s) == 0);

    CHECK_FALSE(fights.repaired(other, start + 5s));
    CHECK(fights.repaired(repair(0755), start + 6s));
    CHECK(told(fights, other, 4, start + 7s, 1s) == 1);
}

TEST_CASE("another file of the same bytes, or another time, is the same change", "[fights]") {
    Fights fights;
    int count = 0;

    for (unsigned i = 0; i < 5; ++i) {
        auto report = repair(0755);
        report.observed->inode = report.after->inode = i;
        report.observed->changed_us = i;
        count += fights.repaired(report, start) ? 1 : 0;
    }

    CHECK(count == 1);
}

TEST_CASE("what was not repaired, or not looked at, does not count", "[fights]") {
    auto blind = repair(0755);
    SECTION("before") { blind.observed.reset(); }
    SECTION("after") { blind.after.reset(); }
    Fights fights;

    CHECK(told(fights, blind, 10, start, 1s) == 0);
    CHECK(fights.size() == 0);
}

TEST_CASE("whoever varies the mode costs no more than four changes of a target", "[fights]") {
    Fights fights;

    for (unsigned mode = 0; mode < 4096; ++mode)
        for (const auto* const path : {"/home/alice", "/home/alice/.ssh"})
            CHECK_FALSE(fights.repaired(repair(mode, 07777 - mode, path), start));

    CHECK(fights.size() == 2 * Fights::most_changes);
}

TEST_CASE("noise at one target hides no fight at another", "[fights]") {
    Fights fights;
    int count = 0;

    for (unsigned i = 0; i < 5; ++i) {
        for (unsigned mode = 0; mode < 100; ++mode)
            fights.repaired(repair(mode, 0700, "/home/alice/.ssh"), start + i * 1h);
        count += fights.repaired(repair(0755), start + i * 1h) ? 1 : 0;
    }

    CHECK(count == 1);
}

TEST_CASE("the change that was seen last longest ago makes room for a new one", "[fights]") {
    Fights fights;
    REQUIRE(told(fights, repair(0755), 4, start, 1s) == 0);
    for (unsigned mode = 1; mode < Fights::most_changes; ++mode)
        fights.repaired(repair(mode), start + 10s);

    SECTION("it is the oldest") {
        fights.repaired(repair(0777), start + 11s);
        CHECK_FALSE(fights.repaired(repair(0755), start + 12s));
    }
    SECTION("it was seen again") {
        CHECK(fights.repaired(repair(0755), start + 11s));
        fights.repaired(repair(0777), start + 12s);
        CHECK_FALSE(fights.repaired(repair(0755), start + 13s)); // still known as told
    }
}

TEST_CASE("of one target no more than four fights are told in a day, whatever is tried",
          "[fights]") {
    Fights fights;
    std::size_t count = 0;

    for (unsigned round = 0; round < 3; ++round)
        for (unsigned mode = 0; mode < 1000; ++mode)
            for (unsigned i = 0; i < 5; ++i)
                count += fights.repaired(repair(mode), start + round * 8h) ? 1U : 0U;

    CHECK(count == Fights::most_changes);
    CHECK(fights.size() == Fights::most_changes);
    CHECK(told(fights, repair(07000), 5, start + 41h, 1s) == 1); // a quiet day later
    CHECK(fights.size() == 1);
}
