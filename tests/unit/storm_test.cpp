// A storm: more than a thousand repairs that follow each other, told once.
#include "catch.hpp"

#include "keeper/storm.hpp"

using namespace sshpermd;
using namespace std::chrono_literals;

namespace {

const Storm::Clock::time_point start{1000s};

void repair(Storm& storm, std::uint64_t times, Storm::Clock::time_point from,
            Storm::Clock::duration step = 1ms) {
    for (std::uint64_t i = 0; i < times; ++i)
        storm.repaired(from + i * step);
}

} // namespace

TEST_CASE("a thousand repairs are no storm, and nobody is woken for them", "[storm]") {
    Storm storm;
    repair(storm, Storm::most_in_calm, start);
    CHECK_FALSE(storm.due());
    CHECK_FALSE(storm.take_end(start + 1h));
}

TEST_CASE("a storm is told once, when a second has passed without a repair", "[storm]") {
    Storm storm;
    repair(storm, 1501, start);
    const auto last = start + 1500ms;
    CHECK(storm.due() == last + 1s);
    CHECK_FALSE(storm.take_end(last + 999ms));
    const auto past = storm.take_end(last + 1s);
    REQUIRE(past);
    CHECK(past->repairs == 1501);
    CHECK(past->lasted == 1500ms);
    CHECK_FALSE(storm.due());
    CHECK_FALSE(storm.take_end(last + 1h));
}

TEST_CASE("repairs with rests between them are not added up", "[storm]") {
    Storm storm;
    for (int i = 0; i < 5; ++i)
        repair(storm, 900, start + i * 10s);
    CHECK_FALSE(storm.due());
    repair(storm, 101, start + 40s + 900ms);
    CHECK(storm.due());
}

TEST_CASE("a storm that does not end is told every minute", "[storm]") {
    Storm storm;
    repair(storm, 20'000, start, 10ms);
    const auto past = storm.take_end(start + 60s);
    REQUIRE(past);
    CHECK(past->repairs == 20'000);
    storm.repaired(start + 200s);
    CHECK_FALSE(storm.due());
}
