// Pace: how fast one target is repaired when somebody keeps undoing the repair.
#include "catch.hpp"

#include "repair/pace.hpp"

#include <chrono>

using namespace sshpermd;
using namespace std::chrono_literals;

namespace {

const Pace::Clock::time_point start = Pace::Clock::time_point{} + 1000h;
const Config::Flap built_in{};

/// A pace that was repaired so many times, 1 ms apart; the last time at start + count ms.
Pace repaired_times(unsigned count, const Config::Flap& flap = built_in) {
    Pace pace;
    for (unsigned i = 1; i <= count; ++i)
        pace.repaired(start + std::chrono::milliseconds{i}, flap);
    return pace;
}

} // namespace

TEST_CASE("a target never repaired may be repaired at once", "[pace]") {
    const Pace pace;

    CHECK(pace.due(start) == start);
    CHECK_FALSE(pace.flapping());
    CHECK(pace.suppressed_count() == 0);
}

TEST_CASE("a burst of repairs is made at once, and the next begins flapping", "[pace]") {
    Pace pace;
    auto now = start;
    for (unsigned i = 0; i < built_in.burst; ++i) {
        now += 1ms;
        REQUIRE(pace.due(now) == now);
        REQUIRE(pace.repaired(now, built_in) == Pace::Change::none);
        REQUIRE_FALSE(pace.flapping());
    }
    now += 1ms;
    REQUIRE(pace.due(now) == now);

    const auto change = pace.repaired(now, built_in);

    CHECK(change == Pace::Change::started);
    CHECK(pace.flapping());
    CHECK(pace.due(now + 1ms) == now + 100ms);
}

TEST_CASE("flapping begins once", "[pace]") {
    auto pace = repaired_times(built_in.burst + 1);
    auto now = start + 1s;

    for (int i = 0; i < 100; ++i) {
        now = pace.due(now);
        CHECK(pace.repaired(now, built_in) == Pace::Change::none);
    }
}

TEST_CASE("the delay doubles from 0.1 s and stays at max_delay", "[pace]") {
    auto pace = repaired_times(built_in.burst + 1);
    auto last = start + std::chrono::milliseconds{built_in.burst + 1};

    for (const auto delay :
         {100ms, 200ms, 400ms, 800ms, 1600ms, 3200ms, 5000ms, 5000ms, 5000ms, 5000ms}) {
        CHECK(pace.due(last) == last + delay);
        CHECK(pace.due(last + delay - 1ms) == last + delay);
        last += delay;
        pace.repaired(last, built_in);
    }
}

TEST_CASE("a small max_delay is the first delay already", "[pace]") {
    auto flap = built_in;
    flap.max_delay = 50ms;

    const auto pace = repaired_times(flap.burst + 1, flap);

    const auto last = start + std::chrono::milliseconds{flap.burst + 1};
    CHECK(pace.due(last) == last + 50ms);
}

TEST_CASE("a drift is delayed by max_delay at most, however often it was undone", "[pace]") {
    auto pace = repaired_times(100'000);

    const auto now = start + 100'000ms;
    CHECK(pace.due(now) == now + built_in.max_delay);
}

TEST_CASE("a drift that comes after the delay is repaired at once", "[pace]") {
    const auto pace = repaired_times(built_in.burst + 1);

    const auto later = start + 10s;
    CHECK(pace.due(later) == later);
}

TEST_CASE("repairs in separate windows are no flapping", "[pace]") {
    Pace pace;
    auto now = start;

    for (int window = 0; window < 100; ++window) {
        for (unsigned i = 0; i < built_in.burst; ++i)
            REQUIRE(pace.repaired(now + std::chrono::milliseconds{i}, built_in) ==
                    Pace::Change::none);
        now += built_in.window + 1s;
    }

    CHECK_FALSE(pace.flapping());
}

TEST_CASE("more than a burst within any window is flapping, wherever the window begins", "[pace]") {
    Pace pace;
    pace.repaired(start, built_in);
    const auto just_before = start + built_in.window - 10ms;
    for (unsigned i = 1; i < built_in.burst; ++i)
        pace.repaired(just_before + std::chrono::milliseconds{i}, built_in);
    const auto just_after = start + built_in.window + 10ms;

    for (unsigned i = 0; i < built_in.burst / 2; ++i)
        pace.repaired(just_after + std::chrono::milliseconds{i}, built_in);

    CHECK(pace.flapping()); // 14 repairs within 25 ms
}

TEST_CASE("a burst of one lets one repair through", "[pace]") {
    auto flap = built_in;
    flap.burst = 1;

    CHECK_FALSE(repaired_times(1, flap).flapping());
    CHECK(repaired_times(2, flap).flapping());
}

TEST_CASE("a pace is forgotten a window after its last repair", "[pace]") {
    const auto pace = repaired_times(3);

    CHECK(pace.quiet_from(built_in) == start + 3ms + built_in.window);
}

TEST_CASE("what had to wait is counted", "[pace]") {
    Pace pace;

    pace.suppressed();
    pace.suppressed();

    CHECK(pace.suppressed_count() == 2);
}
