// Hints: what was learned of a link holds for that state of it alone.
#include "catch.hpp"

#include "reconcile/learn.hpp"

using namespace sshpermd;

namespace {

Observed seen(std::uint64_t inode, std::int64_t changed_us) {
    Observed observed;
    observed.inode = inode;
    observed.changed_us = changed_us;
    return observed;
}

} // namespace

TEST_CASE("a link is learned in one state, until it is learned in another", "[hints]") {
    Hints hints;
    hints.learned(2, seen(7, 1000), false);

    CHECK(hints.has(2, seen(7, 1000), false));
    CHECK_FALSE(hints.has(2, seen(7, 1001), false));
    CHECK_FALSE(hints.has(2, seen(8, 1000), false));
    CHECK_FALSE(hints.has(1, seen(7, 1000), false));
    CHECK_FALSE(hints.has(3, seen(7, 1000), false));
    CHECK_FALSE(hints.has(0, seen(0, 0), false));

    hints.learned(2, seen(7, 1001), false);
    CHECK(hints.has(2, seen(7, 1001), false));
    CHECK_FALSE(hints.has(2, seen(7, 1000), false));
    hints.clear();
    CHECK_FALSE(hints.has(2, seen(7, 1001), false));
}

TEST_CASE("whose content was learned is learned itself, but not the other way round", "[hints]") {
    Hints hints;
    hints.learned(2, seen(7, 1000), false);
    hints.learned(3, seen(9, 1000), true);

    CHECK_FALSE(hints.has(2, seen(7, 1000), true));
    CHECK(hints.has(3, seen(9, 1000), true));
    CHECK(hints.has(3, seen(9, 1000), false));
}

TEST_CASE("what is in a closed file is kept while it is as it was", "[hints]") {
    Hints hints;
    hints.learned(3, seen(9, 1000), true);
    CHECK(hints.withheld(2, seen(7, 1000)) == nullptr);
    hints.keep_withheld(2, seen(7, 1000), {"SHA256:x", {"SHA256:y"}, 1});

    const auto* const facts = hints.withheld(2, seen(7, 1000));
    REQUIRE(facts != nullptr);
    CHECK(*facts == ContentFacts{"SHA256:x", {"SHA256:y"}, 1});
    CHECK(hints.withheld(2, seen(7, 1001)) == nullptr);
    CHECK(hints.withheld(3, seen(7, 1000)) == nullptr);
    CHECK(hints.has(3, seen(9, 1000), true));

    hints.learned(2, seen(7, 1000), false);
    CHECK(hints.withheld(2, seen(7, 1000)) == nullptr);
}

TEST_CASE("links beyond those that nearly everybody has are learned as well", "[hints]") {
    Hints hints;
    hints.learned(9, seen(7, 1000), false);
    hints.keep_withheld(5, seen(8, 1000), {"SHA256:x", {}, 1});

    CHECK(hints.has(9, seen(7, 1000), false));
    CHECK(hints.has(5, seen(8, 1000), false));
    CHECK(hints.withheld(5, seen(8, 1000)) != nullptr);
    for (const std::size_t other : {0U, 3U, 4U, 6U, 8U, 10U})
        CHECK_FALSE(hints.has(other, seen(7, 1000), false));
}
