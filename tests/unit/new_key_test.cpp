// New keys: what a text in any format becomes in a key file, and what that does to the file.
#include "catch.hpp"
#include "keys/new_key.hpp"

#include <string>
#include <vector>

using namespace sshpermd;

namespace {

const KeyRules rules{1024, {"20261121090000", "20261121090000"}};
const std::string blob = "AAAAC3NzaC1lZDI1NTE5AAAAIJyfLgCYGvUIr4S8DD4ilDxuTBl9nN5HhpLy4VrCMJKi";
const std::string line = "ssh-ed25519 " + blob;

NewKey key_of(const std::string& text) {
    const auto made = new_key_of(text, rules);
    REQUIRE(std::holds_alternative<NewKey>(made));
    return std::get<NewKey>(made);
}

std::string problem_of(const std::string& text) {
    const auto made = new_key_of(text, rules);
    REQUIRE(std::holds_alternative<NoNewKey>(made));
    return std::string{word(std::get<NoNewKey>(made))};
}

TEST_CASE("a line of OpenSSH's stays as it is, but for blanks around it", "[newkey]") {
    CHECK(key_of(line + "\n").line == line);
    CHECK(key_of("# mine\n\n  " + line + "   me and you \r\n").line == line + " me and you");
    CHECK(key_of("no-pty,command=\"a b\" " + line + " me").line ==
          "no-pty,command=\"a b\" " + line + " me");
    CHECK(key_of("no-pty " + line).options == "no-pty");
    CHECK(key_of(line + " a\tb\x1b[1m").line == line + " ab[1m");
}

TEST_CASE("a key of RFC 4716 becomes a line, its comment the comment", "[newkey]") {
    const auto key =
        key_of("---- BEGIN SSH2 PUBLIC KEY ----\nComment: \"me\"\n" + blob.substr(0, 60) + "\n" +
               blob.substr(60) + "\n---- END SSH2 PUBLIC KEY ----\n");

    CHECK(key.line == line + " me");
}

TEST_CASE("what is no public key for a line of its own is named", "[newkey]") {
    CHECK(problem_of("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n") == "private_key");
    CHECK(problem_of("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n") ==
          "certificate");
    CHECK(problem_of(line + "\n" + line + "\n") == "several_keys");
    CHECK(problem_of("\xEF\xBB\xBF" + line) == "byte_order_mark");
    CHECK(problem_of("oops " + line) == "unknown_option");
    CHECK(problem_of("expiry-time=\"20200101\" " + line) == "expired");
    CHECK(problem_of(line.substr(0, 40)) == "truncated");
    CHECK(problem_of("") == "not_a_key");
    CHECK(problem_of("hello") == "not_a_key");
    CHECK(problem_of("---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n") == "not_a_key");
}

TEST_CASE("no byte of a key file changes when a key is added", "[newkey]") {
    const auto key = key_of(line);
    const std::vector<std::string> files{"", "# a\n", "# a", "a\r\n", "a\r", {"a\0b", 3}};
    for (const auto& was : files) {
        const auto text = with_key(was, key);
        INFO(text);
        CHECK(text.starts_with(was));
        CHECK(text.ends_with((was.empty() ? "" : "\n") + line + "\n"));
        CHECK(presence_of(text, key, rules).line != 0);
        CHECK(text.size() <= was.size() + line.size() + 2);
    }
}

TEST_CASE("a key is found by itself, not by its comment, and only where sshd takes it",
          "[newkey]") {
    const auto key = key_of(line + " me");

    CHECK(presence_of("# x\n" + line + " you\n", key, rules) == Presence{2, true});
    CHECK(presence_of("no-pty " + line, key, rules) == Presence{1, false});
    CHECK(presence_of("oops " + line, key, rules) == Presence{});
    CHECK(presence_of("expiry-time=\"20200101\" " + line, key, rules) == Presence{});
    CHECK(presence_of("#" + line, key, rules) == Presence{});
    CHECK(presence_of("no-pty " + line + "\n" + line, key_of("no-pty " + line), rules) ==
          Presence{1, true});
}

} // namespace
