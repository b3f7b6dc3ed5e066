// The record's bytes: names of segments, whole lines, and what is no line.
#include "catch.hpp"

#include "record/change_record.hpp"

#include <string>
#include <string_view>
#include <vector>

using namespace sshpermd;
using namespace std::string_literals;
using Lines = std::vector<std::string_view>;

TEST_CASE("a segment's name says its number", "[record]") {
    CHECK(segment_name(1) == "00000001.jsonl");
    CHECK(segment_name(123'456'789) == "123456789.jsonl");
    for (const std::uint64_t number : {0UL, 1UL, 99'999'999UL, 100'000'000UL})
        CHECK(segment_number(segment_name(number)) == number);
}

TEST_CASE("what is not called like a segment is none", "[record]") {
    for (const std::string name :
         {"", ".jsonl", "1.jsonl", "0000001.jsonl", "000000001.jsonl", "-0000001.jsonl",
          "0000000a.jsonl", "00000001.json", "00000001.jsonl~", "+0000001.jsonl",
          "99999999999999999999.jsonl", "../00001.jsonl"})
        CHECK_FALSE(segment_number(name).has_value());
}

TEST_CASE("what a crash tore off is not whole", "[record]") {
    CHECK(whole_lines("") == 0);
    CHECK(whole_lines("{\"a\":1") == 0);
    CHECK(whole_lines("{}\n") == 3);
    CHECK(whole_lines("{}\n{\"a") == 3);
}

TEST_CASE("the lines of a record are its events, in order", "[record]") {
    CHECK(record_lines("{\"a\":1}\n{\"b\":2}\n") == Lines{"{\"a\":1}", "{\"b\":2}"});
}

TEST_CASE("what is no event line is left out of a record", "[record]") {
    const auto long_line = "{\"a\":\"" + std::string(4000, 'x') + "\"}";
    for (const auto& bad : {""s, "\0\0\0"s, "{"s, "}{"s, "[1]"s, "{\"a\":1{\"b\":2}"s,
                            "{\"\xff\":1}"s, "{\"a\":\"\x1b\"}"s, "{\"a\":1}\r"s, long_line})
        CHECK(record_lines("{}\n" + bad + "\n{\"b\":2}\n{\"torn\":") == Lines{"{}", "{\"b\":2}"});
}
