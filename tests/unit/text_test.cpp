// Text from bytes that anybody may have chosen.
#include "catch.hpp"

#include "event/text.hpp"
#include "keys/base64.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

using namespace sshpermd;
using namespace std::string_view_literals;

namespace {

/// RFC 3629 by arithmetic: encodes one code point, whether it may be encoded or not.
std::string encoded(unsigned point, unsigned length) {
    if (length == 1)
        return {static_cast<char>(point)};
    std::string bytes;
    for (unsigned i = 1; i < length; ++i) {
        bytes.insert(bytes.begin(), static_cast<char>(0x80U | (point & 0x3fU)));
        point >>= 6U;
    }
    const unsigned lead = 0xf00U >> length & 0xffU;
    bytes.insert(bytes.begin(), static_cast<char>(lead | point));
    return bytes;
}

unsigned length_of(unsigned point) {
    if (point < 0x80)
        return 1;
    if (point < 0x800)
        return 2;
    return point < 0x10000 ? 3 : 4;
}

bool is_surrogate(unsigned point) { return point >= 0xd800 && point <= 0xdfff; }

std::string decoded_base64(std::string_view text) {
    std::string bytes;
    unsigned group = 0;
    unsigned digits = 0;
    for (const char c : text) {
        const auto at =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"sv.find(c);
        if (at == std::string_view::npos)
            break;
        group = group << 6U | static_cast<unsigned>(at);
        digits += 6;
        if (digits >= 8) {
            digits -= 8;
            bytes += static_cast<char>(group >> digits & 0xffU);
        }
    }
    return bytes;
}

} // namespace

TEST_CASE("every code point of Unicode is UTF-8, and no surrogate is", "[text]") {
    for (unsigned point = 0; point <= 0x10ffff; ++point)
        if (is_utf8(encoded(point, length_of(point))) == is_surrogate(point)) {
            INFO(point);
            REQUIRE(is_utf8(encoded(point, length_of(point))) != is_surrogate(point));
        }
}

TEST_CASE("overlong sequences and what lies beyond Unicode are not UTF-8", "[text]") {
    for (unsigned point = 0; point < 0x10000; ++point)
        for (unsigned length = length_of(point) + 1; length <= 4; ++length)
            if (is_utf8(encoded(point, length))) {
                INFO(point << " in " << length << " bytes");
                REQUIRE_FALSE(is_utf8(encoded(point, length)));
            }
    for (unsigned point = 0x110000; point < 0x200000; point += 0x3ff)
        REQUIRE_FALSE(is_utf8(encoded(point, 4)));
}

TEST_CASE("known bad sequences are not UTF-8", "[text]") {
    const auto bytes =
        GENERATE("\x80"sv, "\xbf"sv, "\xff"sv, "\xfe"sv, "\xc0\x80"sv, "\xc1\xbf"sv, "\xc3"sv,
                 "\xc3\x28"sv, "\xe2\x82"sv, "\xe2\x28\xa1"sv, "\xe2\x82\x28"sv, "\xe0\x80\xaf"sv,
                 "\xed\xa0\x80"sv, "\xed\xbf\xbf"sv, "\xf0\x9f\x98"sv, "\xf0\x28\x8c\xbc"sv,
                 "\xf0\x90\x28\xbc"sv, "\xf0\x28\x8c\x28"sv, "\xf0\x80\x80\x80"sv,
                 "\xf4\x90\x80\x80"sv, "\xf5\x80\x80\x80"sv, "\xf8\x88\x80\x80\x80"sv,
                 "\xfc\x84\x80\x80\x80\x80"sv, "ok\xc3"sv, "\xc3\xa9\xa9"sv, "a\xffz"sv);

    CHECK_FALSE(is_utf8(bytes));
}

TEST_CASE("texts in many scripts are UTF-8", "[text]") {
    const auto bytes =
        GENERATE(""sv, "alice"sv, "\0"sv, "caf\xc3\xa9"sv, "\xd0\x96"sv, "\xe2\x82\xac"sv,
                 "\xed\x9f\xbf"sv, "\xee\x80\x80"sv, "\xf0\x9f\x98\x80"sv, "\xf4\x8f\xbf\xbf"sv);

    CHECK(is_utf8(bytes));
}

TEST_CASE("cutting never splits a sequence, and cuts no more than it must", "[text]") {
    std::string text;
    for (int i = 0; i < 5; ++i)
        text += "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";

    for (std::size_t max = 0; max <= text.size() + 3; ++max) {
        const auto part = cut(text, max);

        INFO(max);
        REQUIRE(text.starts_with(part));
        REQUIRE(is_utf8(part));
        REQUIRE(part.size() <= max);
        REQUIRE(part.size() + 3 >= std::min(max, text.size()));
    }
}

TEST_CASE("a text that fits is not cut", "[text]") {
    CHECK(cut("alice", 5) == "alice");
    CHECK(cut("alice", 4) == "alic");
    CHECK(cut("", 0).empty());
    CHECK(cut("\xc3\xa9", 2) == "\xc3\xa9");
    CHECK(cut("\xc3\xa9", 1).empty());
}

TEST_CASE("base64 is that of RFC 4648", "[text]") {
    CHECK(encode_base64("").empty());
    CHECK(encode_base64("f") == "Zg==");
    CHECK(encode_base64("fo") == "Zm8=");
    CHECK(encode_base64("foo") == "Zm9v");
    CHECK(encode_base64("foob") == "Zm9vYg==");
    CHECK(encode_base64("fooba") == "Zm9vYmE=");
    CHECK(encode_base64("foobar") == "Zm9vYmFy");
    CHECK(encode_base64("\xff\xff\xff"sv) == "////");
    CHECK(encode_base64("\xfb\xef\xbe"sv) == "++++");
    CHECK(encode_base64("\0\0\0\0"sv) == "AAAAAA==");
}

TEST_CASE("base64 decodes to the bytes, at every length", "[text]") {
    std::string bytes;
    for (int i = 0; i < 260; ++i) {
        REQUIRE(decoded_base64(encode_base64(bytes)) == bytes);
        REQUIRE(encode_base64(bytes).size() == (bytes.size() + 2) / 3 * 4);
        bytes += static_cast<char>(i * 7);
    }
}

TEST_CASE("a printable text has no control byte, whatever it came from", "[text]") {
    for (unsigned first = 0; first < 256; ++first)
        for (unsigned second = 0; second < 256; ++second) {
            const std::string bytes{static_cast<char>(first), static_cast<char>(second)};

            const auto text = printable(bytes);

            for (const char c : text)
                if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
                    INFO(first << ' ' << second);
                    REQUIRE(false);
                }
            if (!is_utf8(text)) {
                INFO(first << ' ' << second);
                REQUIRE(is_utf8(text));
            }
        }
}

TEST_CASE("what a terminal would obey is shown as bytes", "[text]") {
    CHECK(printable("\x1b[2J") == "\\x1b[2J");
    CHECK(printable("a\nb\tc\rd") == "a\\x0ab\\x09c\\x0dd");
    CHECK(printable("\0"sv) == "\\x00");
    CHECK(printable("\x7f") == "\\x7f");
    CHECK(printable("\xff") == "\\xff");
    CHECK(printable("\xc2\x9b"
                    "31m") == "\\xc2\\x9b31m"); // CSI of C1
    CHECK(printable("\xc2\x80\xc2\x9f") == "\\xc2\\x80\\xc2\\x9f");
    CHECK(printable("\xc3\x28") == "\\xc3(");
}

TEST_CASE("every character with Unicode's property Bidi_Control is shown as bytes", "[text]") {
    for (const unsigned point : {0x061cU, 0x200eU, 0x200fU, 0x202aU, 0x202bU, 0x202cU, 0x202dU,
                                 0x202eU, 0x2066U, 0x2067U, 0x2068U, 0x2069U}) {
        const auto text = printable("safe" + encoded(point, length_of(point)) + "txt");

        INFO(point);
        CHECK(text.starts_with("safe\\x"));
        CHECK(text.ends_with("txt"));
        CHECK(text.size() == 7 + 4 * length_of(point));
    }
}

TEST_CASE("what some terminals take for the end of a line is shown as bytes", "[text]") {
    CHECK(printable("a\xe2\x80\xa8z") == "a\\xe2\\x80\\xa8z");
    CHECK(printable("a\xe2\x80\xa9z") == "a\\xe2\\x80\\xa9z");
    CHECK(printable("a\xc2\x85z") == "a\\xc2\\x85z");
}

TEST_CASE("a harmless text is printed as it is", "[text]") {
    const auto text = GENERATE("/home/alice/.ssh"sv, "caf\xc3\xa9"sv, "\xd0\x96"sv, "\xc2\xa0"sv,
                               "\xe2\x82\xac"sv, "\xe2\x80\x8d"sv, "\xe2\x80\xb0"sv,
                               "\xe2\x81\xaa"sv, "\xf0\x9f\x98\x80"sv, "~!\"'"sv);

    CHECK(printable(text) == text);
}
