// Lines of authorized_keys, read as sshd reads them.

#include "catch.hpp"
#include "keys.hpp"
#include "keys/base64.hpp"
#include "keys/fingerprint.hpp"
#include "keys/key_line.hpp"

using namespace sshpermd;

namespace {

const auto& key = real_key;
constexpr const char* fingerprint = real_fingerprint;

KeyLine key_of(const std::string& line) {
    const auto parsed = parse_key_line(line);
    REQUIRE(std::holds_alternative<KeyLine>(parsed));
    return std::get<KeyLine>(parsed);
}

template <typename Kind>
bool is(const std::string& line) {
    return std::holds_alternative<Kind>(parse_key_line(line));
}

} // namespace

TEST_CASE("a key has the fingerprint that ssh-keygen prints", "[keys]") {
    CHECK(sha256_fingerprint(key_of(key).blob) == fingerprint);
}

TEST_CASE("a key line has a type, a blob, options and a comment", "[keys]") {
    const auto line = "from=\"10.0.0.1, x\",command=\"echo \\\"a b\\\"\" " + key + "  a comment";

    const auto parsed = key_of(line);

    CHECK(parsed.options == "from=\"10.0.0.1, x\",command=\"echo \\\"a b\\\"\"");
    CHECK(parsed.type == "ssh-ed25519");
    CHECK(parsed.comment == "a comment");
}

TEST_CASE("what sshd reads as a key is one", "[keys]") {
    CHECK(is<KeyLine>(key));
    CHECK(is<KeyLine>(" \t" + key));
    CHECK(is<KeyLine>(key + "\r"));
    CHECK(is<KeyLine>(key + std::string("\0junk", 5)));
    CHECK(is<KeyLine>(key.substr(0, 40) + "\v\f\r" + key.substr(40)));
    CHECK(is<KeyLine>("no-pty,cert-authority " + key));
}

TEST_CASE("blank lines and comments are neither keys nor strangers", "[keys]") {
    CHECK(is<BlankLine>(""));
    CHECK(is<BlankLine>(" \t\r"));
    CHECK(is<CommentLine>("# " + key));
    CHECK(is<CommentLine>("   #"));
}

TEST_CASE("what sshd skips without a word is no key", "[keys]") {
    CHECK(is<OtherLine>("root:$6$secret:19000:0:99999:7:::"));
    CHECK(is<OtherLine>("-----BEGIN OPENSSH PRIVATE KEY-----"));
    CHECK(is<OtherLine>(key.substr(key.find(' ') + 1)));  // base64 without its type
    CHECK(is<OtherLine>("SSH-ED25519" + key.substr(11))); // the case counts
    CHECK(is<OtherLine>("ssh-rsa" + key.substr(11)));     // another type than the blob's
    CHECK(is<OtherLine>(key.substr(0, 30)));              // truncated
    CHECK(is<OtherLine>("\"" + key + "\""));              // quoted
    CHECK(is<OtherLine>("\xEF\xBB\xBF" + key));           // a byte order mark
    CHECK(is<OtherLine>("command=\"unclosed " + key));
}

TEST_CASE("a key file holds keys, comments and blank lines only", "[keys]") {
    CHECK(is_key_file(""));
    CHECK(is_key_file("# only a comment"));
    CHECK(is_key_file(key + "\n\n# comment\n" + key));
    CHECK_FALSE(is_key_file(key + "\nroot:*:19000:0:99999:7:::\n"));
    CHECK_FALSE(is_key_file("# " + std::string(1, '\0') + "\n"));
    CHECK_FALSE(is_key_file("\x7f"
                            "ELF"));
}

TEST_CASE("base64 is that of RFC 4648, with its padding", "[keys]") {
    CHECK(encode_base64("") == "");
    CHECK(encode_base64("f") == "Zg==");
    CHECK(encode_base64("fooba") == "Zm9vYmE=");
    CHECK(decode_base64("Zm9vYmFy") == "foobar");
    CHECK(decode_base64("Zg==") == "f");
    CHECK_FALSE(decode_base64("Zg").has_value());
    CHECK_FALSE(decode_base64("").has_value());
    CHECK_FALSE(decode_base64("Z").has_value());
    CHECK_FALSE(decode_base64("Zm9v YmFy").has_value());
    CHECK_FALSE(decode_base64("Zm9\nYmFy").has_value());
}
