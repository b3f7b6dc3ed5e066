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

} // namespace
} // namespace sshpermd
