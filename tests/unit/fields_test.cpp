// Fields: lines are taken apart whole, and a number is nothing but a number.
#include "catch.hpp"
#include "policy/fields.hpp"

#include <vector>

namespace sshpermd {
namespace {

std::vector<std::string_view> fields_of(std::string_view text, std::string_view ends) {
    std::vector<std::string_view> fields;
    while (!text.empty())
        fields.push_back(take_field(text, ends));
    return fields;
}

TEST_CASE("a field ends at the first of the characters, which is taken with it") {
    CHECK(fields_of("a:b:c", ":") == std::vector<std::string_view>{"a", "b", "c"});
    CHECK(fields_of("a::c", ":") == std::vector<std::string_view>{"a", "", "c"});
    CHECK(fields_of("a:b:", ":") == std::vector<std::string_view>{"a", "b"});
    CHECK(fields_of("a b\tc", " \t") == std::vector<std::string_view>{"a", "b", "c"});
    CHECK(fields_of("whole", ":") == std::vector<std::string_view>{"whole"});
}

TEST_CASE("what is trimmed is trimmed at both ends only") {
    CHECK(trim("  a b \t", " \t") == "a b");
    CHECK(trim(" \t ", " \t").empty());
    CHECK(trim("", " ").empty());
    CHECK(trim("a", " ") == "a");
}

TEST_CASE("a decimal number has digits and nothing else, and fits") {
    CHECK(decimal("0") == 0U);
    CHECK(decimal("18446744073709551615") == 18446744073709551615ULL);
    for (const auto* const bad :
         {"", "-1", "+1", " 1", "1 ", "0x10", "1e3", "18446744073709551616"}) {
        CAPTURE(bad);
        CHECK_FALSE(decimal(bad));
    }
}

TEST_CASE("a duration has a number and a unit") {
    using namespace std::chrono_literals;
    CHECK(duration_of("250ms") == 250ms);
    CHECK(duration_of("30s") == 30s);
    CHECK(duration_of("0m") == 0ms);
    CHECK(duration_of("24h") == 24h);
    CHECK(duration_of("1000000000h") == 1'000'000'000h);
    for (const auto* const wrong : {"", "5", "m", "-5m", "5 m", "5d", "5mm", "1.5h", "1000000001s",
                                    "99999999999999999999s", "+5s"})
        CHECK_FALSE(duration_of(wrong));
}

} // namespace
} // namespace sshpermd
