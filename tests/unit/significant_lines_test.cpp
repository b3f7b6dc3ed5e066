// What of a key file counts when two of them are compared.

#include "catch.hpp"
#include "keys.hpp"
#include "keys/significant_lines.hpp"

using namespace sshpermd;

namespace {

const auto& key = real_key;
constexpr const char* fingerprint = real_fingerprint;

SignificantLine only_line(const std::string& text) {
    const auto lines = significant_lines(text);
    REQUIRE(lines.size() == 1);
    return lines[0];
}

std::string hex(const LineHash& hash) {
    std::string text;
    for (const auto byte : hash) {
        text += "0123456789abcdef"[std::to_integer<unsigned>(byte) / 16];
        text += "0123456789abcdef"[std::to_integer<unsigned>(byte) % 16];
    }
    return text;
}

} // namespace

TEST_CASE("a line's hash is the first half of SHA-256 over kind, options, type and key", "[keys]") {
    // (printf 'Kno-pty\0ssh-ed25519\0'; base64 -d <<<AAAA…) | sha256sum
    CHECK(hex(only_line("no-pty " + key).hash) == "73119acb71a8267600ade0d9e5df0604");
    // printf 'Oroot:*:19000:0:99999:7:::' | sha256sum
    CHECK(hex(only_line("root:*:19000:0:99999:7:::").hash) == "df6bc2e7dfb049c552e33bd24a22db37");
}

TEST_CASE("a key line with another comment, indent or line end is the same line", "[keys]") {
    const auto line = only_line(key);

    CHECK(line.fingerprint == fingerprint);
    CHECK(only_line(key + " alice@laptop\n").hash == line.hash);
    CHECK(only_line("\t " + key + "\r\n").hash == line.hash);
    CHECK(only_line(key + std::string("\0junk", 5)).hash == line.hash);
}

TEST_CASE("a key line with other options or another type is another line", "[keys]") {
    const auto plain = only_line(key);
    const auto forced = only_line("command=\"true\" " + key);

    CHECK(forced.hash != plain.hash);
    CHECK(forced.fingerprint == plain.fingerprint);
    CHECK(only_line("command=\"false\" " + key).hash != forced.hash);
}

TEST_CASE("a line that sshd does not take for a key counts byte for byte", "[keys]") {
    const auto line = only_line("ssh-future AAAA alice");

    CHECK(line.fingerprint.empty());
    CHECK(only_line("ssh-future AAAA alice\r\n").hash != line.hash);
    CHECK(only_line(" ssh-future AAAA alice\n").hash != line.hash);
    CHECK(only_line("ssh-future AAAA bob\n").hash != line.hash);
    CHECK(only_line(std::string("ssh-future AAAA alice\0junk", 26)).hash != line.hash);
}

TEST_CASE("blank lines and comments do not count, the others keep their order", "[keys]") {
    const auto lines = significant_lines("# mine\n\n  \r\nother\n" + key + "\n#\n" + key);

    REQUIRE(lines.size() == 3);
    CHECK(lines[0].fingerprint.empty());
    CHECK(lines[1].fingerprint == fingerprint);
    CHECK(lines[2].hash == lines[1].hash);
    CHECK(significant_lines("").empty());
}
