// Whose turn it is: who asks again waits until all others had theirs.
#include "catch.hpp"

#include "keeper/waiting_list.hpp"

#include <vector>

using namespace sshpermd;

namespace {

constexpr WaitingList::Turn never = 0;

std::vector<std::uint32_t> all(WaitingList& list) {
    std::vector<std::uint32_t> ids;
    while (const auto id = list.take())
        ids.push_back(*id);
    return ids;
}

} // namespace

TEST_CASE("who came first is looked at first", "[waiting]") {
    WaitingList list;
    for (const auto id : {3U, 1U, 2U})
        list.add(id, never);
    CHECK(list.size() == 3);
    CHECK(all(list) == std::vector{3U, 1U, 2U});
    CHECK(list.size() == 0);
    CHECK_FALSE(list.take());
}

TEST_CASE("who asks again waits until all others had their turn", "[waiting]") {
    WaitingList list;
    list.add(1, never);
    list.add(2, never);
    CHECK(list.take() == 1);
    const auto turn = list.turn();
    list.add(1, turn);
    list.add(3, never); // comes later, and first
    CHECK(list.size() == 3);
    CHECK(list.take() == 2);
    list.add(2, turn);
    CHECK(list.take() == 3);
    CHECK(list.take() == 1);
    CHECK(list.turn() != turn);
    list.add(1, list.turn()); // again: behind the one that waits since the turn before
    CHECK(all(list) == std::vector{2U, 1U});
}

TEST_CASE("one that asks all the time waits for nobody when nobody else waits", "[waiting]") {
    WaitingList list;
    list.add(1, never);
    for (int i = 0; i < 70'000; ++i) { // the number of the turn begins again in between
        REQUIRE(list.take() == 1);
        list.add(1, list.turn());
    }
}

TEST_CASE("who goes away waits no more", "[waiting]") {
    WaitingList list;
    list.add(1, never);
    list.add(2, never);
    CHECK(list.take() == 1);
    list.add(1, list.turn());
    list.add(3, never);
    list.remove(1);
    list.remove(3);
    list.remove(4); // who never waited
    CHECK(all(list) == std::vector{2U});
}
