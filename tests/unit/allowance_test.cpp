// The allowance: of a limit that is too low, others keep their part, and .ssh comes before homes.
#include "catch.hpp"
#include "watch/allowance.hpp"

namespace {

using namespace sshpermd;

TEST_CASE("two watches an account are taken where the limit has room for them", "[allowance]") {
    const auto allowance = allow(65536, 4, 10'000);

    CHECK(allowance.need == 20'004);
    CHECK(allowance.is_enough());
    CHECK(allowance.ssh_dirs == 10'000);
    CHECK(allowance.homes == 10'000);
}

TEST_CASE("a quarter of the limit is left to others, and every .ssh comes before a home",
          "[allowance]") {
    const auto allowance = allow(8192, 4, 5000);

    CHECK(!allowance.is_enough());
    CHECK(allowance.most == 6144);
    CHECK(allowance.ssh_dirs == 5000);
    CHECK(allowance.homes == 1140);
}

TEST_CASE("the last 1,024 watches are never taken", "[allowance]") {
    CHECK(allow(1034, 4, 6).ssh_dirs == 6);
    CHECK(allow(1034, 4, 6).homes == 0);
    CHECK(allow(1030, 4, 6).ssh_dirs == 2);
    CHECK(allow(1000, 4, 6).ssh_dirs == 0);
    CHECK(allow(0, 4, 6).homes == 0);
}

TEST_CASE("the limit that is asked for is just enough", "[allowance]") {
    for (const std::size_t accounts : {0U, 1U, 100U, 1533U, 1534U, 1535U, 10'000U, 100'000U}) {
        const auto limit = limit_for(allow(0, 4, accounts).need);
        CHECK(allow(limit, 4, accounts).is_enough());
        CHECK(!allow(limit - 1, 4, accounts).is_enough());
    }
}

} // namespace
