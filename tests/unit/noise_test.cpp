// Noise: what counts as too many changes, how long nobody listens, how seldom the same is said.

#include "catch.hpp"
#include "keeper/budget.hpp"
#include "keeper/noise.hpp"

#include <optional>

using namespace sshpermd;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

using Time = Noise::Clock::time_point;

/// `changes` every `pause`, together, for `length`. When it was too much.
std::optional<Time> noisy_at(Noise& noise, Time start, int changes, milliseconds pause,
                             milliseconds length) {
    for (auto now = start; now < start + length; now += pause)
        for (int i = 0; i < changes; ++i)
            if (noise.heard(now))
                return now;
    return std::nullopt;
}

const Time start = Noise::Clock::now();

} // namespace

TEST_CASE("more than 4,000 changes a second are noise after a second", "[noise]") {
    Noise noise;

    const auto at = noisy_at(noise, start, 5, milliseconds{1}, seconds{5});

    REQUIRE(at);
    CHECK(*at >= start + milliseconds{900});
    CHECK(*at <= start + milliseconds{1200});
}

TEST_CASE("fewer than 4,000 changes a second are no noise, ever", "[noise]") {
    Noise noise;

    CHECK(!noisy_at(noise, start, 39, milliseconds{10}, seconds{600}));
}

TEST_CASE("a burst is no noise, however large, nor what comes long after it", "[noise]") {
    Noise noise;

    CHECK(!noisy_at(noise, start, 1'000'000, milliseconds{1}, milliseconds{1}));
    CHECK(!noisy_at(noise, start + seconds{1}, 1, milliseconds{1}, milliseconds{1}));
    CHECK(!noisy_at(noise, start + seconds{10}, 16'384, seconds{2}, seconds{60}));
    CHECK(!noisy_at(noise, start + seconds{86'400}, 1, milliseconds{10}, seconds{10}));
}

TEST_CASE("noise is noise for a reader that comes late, too", "[noise]") {
    Noise noise;

    const auto at = noisy_at(noise, start, 2000, milliseconds{250}, seconds{5});

    REQUIRE(at);
    CHECK(*at <= start + seconds{3});
}

TEST_CASE("pauses do not hide noise", "[noise]") {
    Noise noise;
    std::optional<Time> at;

    for (int i = 0; i < 10 && !at; ++i)
        at = noisy_at(noise, start + i * seconds{1}, 20, milliseconds{1}, milliseconds{500});

    REQUIRE(at);
    CHECK(*at <= start + seconds{6});
}

TEST_CASE("a hush lasts a minute, and longer each time that the noise goes on", "[noise]") {
    Hush hush;
    auto now = start;

    for (const int length : {60, 120, 240, 480, 600, 600}) {
        CHECK(hush.begin(now) == seconds{length});
        CHECK(hush.lasts(now + seconds{length} - milliseconds{1}));
        CHECK(!hush.lasts(now + seconds{length}));
        now += seconds{length + 1};
    }
    CHECK(hush.begin(now + seconds{600}) == Hush::shortest);
}

TEST_CASE("the end of a hush is told once", "[noise]") {
    Hush hush;
    CHECK(!hush.take_end(start));

    hush.begin(start);

    CHECK(!hush.take_end(start));
    CHECK(hush.take_end(start + Hush::shortest));
    CHECK(!hush.take_end(start + Hush::shortest));
}

TEST_CASE("during a hush there is a look every second, and one at its end", "[noise]") {
    Hush hush;
    const auto end = start + Hush::shortest;

    hush.begin(start);

    CHECK(hush.next_look(start) == start + seconds{1});
    CHECK(hush.next_look(end - milliseconds{100}) == end);
}

TEST_CASE("what happens all the time is told once a minute, with a count", "[noise]") {
    Incident incident;

    CHECK(incident.happened(start) == 0U);
    CHECK(!incident.happened(start));
    CHECK(!incident.happened(start + seconds{59}));
    CHECK(incident.happened(start + seconds{60}) == 2U);
    CHECK(!incident.happened(start + seconds{61}));
    CHECK(incident.happened(start + seconds{600}) == 1U);
}

TEST_CASE("a bucket of looks in vain lets a burst through, and then so many a second", "[noise]") {
    Bucket<20, 50'000> vain;
    int looks = 0;

    for (auto now = start; now < start + seconds{10}; now += milliseconds{1})
        if (vain.has_one(now)) {
            vain.take(now);
            ++looks;
        }

    CHECK(looks <= 20 + 10 * 20);
    CHECK(looks >= 10 * 20);
}
