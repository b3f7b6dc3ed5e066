// Mode: bits and their octal spelling.
#include "catch.hpp"

#include "policy/mode.hpp"

#include <string>
#include <string_view>

using namespace sshpermd;

TEST_CASE("each of the 4,096 modes is spelled with four octal digits and read back", "[mode]") {
    for (unsigned bits = 0; bits <= 07777; ++bits) {
        const auto text = to_string(Mode{bits});

        REQUIRE(text.size() == 4);
        REQUIRE(std::stoul(text, nullptr, 8) == bits);
        REQUIRE(parse_mode(text) == Mode{bits});
    }
}

TEST_CASE("three digits are a mode without special bits", "[mode]") {
    CHECK(parse_mode("700") == Mode{0700});
    CHECK(parse_mode("000") == Mode{});
    CHECK(parse_mode("777") == Mode{0777});
}

TEST_CASE("a text that is not three or four octal digits is no mode", "[mode]") {
    using namespace std::string_view_literals;
    const auto text =
        GENERATE(""sv, "0"sv, "70"sv, "07000"sv, "00700"sv, "0o700"sv, "0x1c0"sv, "u=rwx"sv,
                 "rwx------"sv, "0800"sv, "0790"sv, "-700"sv, "+700"sv, " 700"sv, "700 "sv,
                 "0700\n"sv, "07 0"sv, "70\0"sv, "\xd9\xa7\xd9\xa0"sv);

    INFO('"' << text << '"');
    CHECK(!parse_mode(text).has_value());
}

TEST_CASE("a mode holds the twelve permission bits and no file type", "[mode]") {
    constexpr unsigned a_directory = 040000;

    CHECK(Mode{a_directory | 0755}.bits() == 0755);
    CHECK((~Mode{0}).bits() == 07777);
    CHECK(~Mode{07777} == Mode{0});
}

TEST_CASE("modes are combined bit by bit", "[mode]") {
    CHECK((Mode{0750} & Mode{0705}) == Mode{0700});
    CHECK((Mode{0700} | Mode{0011}) == Mode{0711});
    CHECK(Mode{0720}.has(0022));
    CHECK_FALSE(Mode{0700}.has(0022));
    CHECK_FALSE(Mode{07777}.has(0));
}
