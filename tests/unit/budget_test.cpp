// Budget: how often one account may make root do something that costs.

#include "catch.hpp"
#include "keeper/budget.hpp"

using namespace sshpermd;
using std::chrono::seconds;

namespace {

int taken(Budget& budget, Budget::Clock::time_point now) {
    int count = 0;
    for (; budget.has_one(now); ++count)
        budget.take(now);
    return count;
}

} // namespace

TEST_CASE("a budget is used up, and filled again with time", "[budget]") {
    Budget budget;
    const auto start = Budget::Clock::now();

    CHECK(taken(budget, start) == Budget::most);
    CHECK(budget.next(start) > start);
    CHECK(budget.next(start) <= start + Budget::refill);
    CHECK(taken(budget, start + 3 * Budget::refill) == 3);
    CHECK(taken(budget, start + seconds{86'400}) == Budget::most);
}

TEST_CASE("a budget that has one left makes nobody wait", "[budget]") {
    Budget budget;
    const auto start = Budget::Clock::now();

    CHECK(budget.has_one(start));
    CHECK(budget.next(start) == start);
}

TEST_CASE("a budget that is used up makes everybody wait until there is one again", "[budget]") {
    Budget budget;
    const auto start = Budget::Clock::now();
    CHECK(taken(budget, start) == Budget::most);

    const auto next = budget.next(start + Budget::refill / 4);
    CHECK(next == start + Budget::refill);
    CHECK_FALSE(budget.has_one(next - Budget::Clock::duration{1}));
    CHECK(budget.has_one(next));
    CHECK(taken(budget, next) == 1);
    CHECK(budget.next(next) == next + Budget::refill);
}
