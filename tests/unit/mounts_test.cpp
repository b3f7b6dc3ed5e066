// Mounts: lines of mountinfo, and the names in them and in fstab.
#include "catch.hpp"
#include "system/mounts.hpp"

#include <string>

namespace {

using namespace sshpermd;

TEST_CASE("a line of mountinfo says what is mounted where", "[mounts]") {
    const auto mounts = parse_mountinfo(
        "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:7 - ext3 /dev/root rw,errors=continue\n"
        "37 35 0:5 / /srv/on\\040two\\134lines rw - nfs4 host:/a rw");

    REQUIRE(mounts.size() == 2);
    CHECK(mounts[0].id == 36);
    CHECK(mounts[0].place == "/mnt2");
    CHECK(mounts[0].type == "ext3");
    CHECK(mounts[1].place == "/srv/on two\\lines");
    CHECK(mounts[1].type == "nfs4");
}

TEST_CASE("what is no line of mountinfo is none", "[mounts]") {
    for (const std::string text :
         {"", "\n\n", "x 35 98:0 / /mnt rw - ext3 a b", "36 35 98:0 / - ext3",
          "36 35 98:0 / /mnt rw -", "36", "-", "36 35 98:0 / /mnt rw ext3 a b"}) {
        INFO(text);
        CHECK(parse_mountinfo(text).empty());
    }
}

TEST_CASE("only three octal digits of one byte stand for a character", "[mounts]") {
    CHECK(unescaped("/a\\040b\\011") == "/a b\t");
    CHECK(unescaped("/a\\04") == "/a\\04");
    CHECK(unescaped("/a\\") == "/a\\");
    CHECK(unescaped("/a\\049\\400") == "/a\\049\\400");
    CHECK(unescaped("\\134040") == "\\040");
}

} // namespace
