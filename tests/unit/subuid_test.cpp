// Who may stand behind a uid without an account: sub-uids, and what the database can tell.
#include "catch.hpp"

#include "policy/subuid.hpp"

using namespace sshpermd;

namespace {

using Ranges = std::vector<UidRange>;

} // namespace

TEST_CASE("the uids of every line of subuid are somebody's", "[subuid]") {
    CHECK(parse_subuid("alice:100000:65536\n\n# bob:1:1\n1001:165536:1") ==
          Ranges{{100000, 165535}, {165536, 165536}});
    CHECK(parse_subuid("") == Ranges{});
    CHECK(parse_subuid("alice:100000:0\n") == Ranges{});
}

TEST_CASE("a range of subuid ends at the highest uid at the latest", "[subuid]") {
    CHECK(parse_subuid("a:4294967295:18446744073709551615\nb:5:18446744073709551615\n") ==
          Ranges{{4294967295U, 4294967295U}, {5, 4294967295U}});
    CHECK(parse_subuid("a:4294967296:5") == Ranges{});
}

TEST_CASE("a subuid with a line that cannot be understood tells nothing", "[subuid]") {
    const auto* const text = GENERATE(
        "alice", "alice:1", "alice:1:2:3", "alice:x:1", "alice:1:", "alice::1", "alice:-1:5",
        "alice:0x10:5", "alice:0100000:65536", "alice:00:5", "alice:1:05", "alice:1 :5",
        "alice:18446744073709551616:1", "bob:1:1\nalice:1:99999999999999999999");

    CHECK_FALSE(parse_subuid(text).has_value());
}

TEST_CASE("a directory service in the way makes an account's absence uncertain", "[subuid]") {
    CHECK(asks_only_this_machine("passwd: files systemd\n"));
    CHECK(asks_only_this_machine("passwd:files [NOTFOUND=return] altfiles # sss\ngroup: sss\n"));
    CHECK(asks_only_this_machine("# passwd: sss\n"));
    CHECK(asks_only_this_machine(""));
    CHECK_FALSE(asks_only_this_machine("group: files\npasswd: sss files systemd"));
    CHECK_FALSE(asks_only_this_machine("  passwd :\tfiles ldap\n"));
    CHECK_FALSE(asks_only_this_machine("passwd: compat\n"));
    CHECK_FALSE(asks_only_this_machine("passwd: files [!UNAVAIL=return] winbind\n"));
}

TEST_CASE("the services of a line of nsswitch.conf are told from what to do after them",
          "[subuid]") {
    using Names = std::vector<std::string>;
    const std::string text =
        "passwd: files[NOTFOUND=return] sss  [!UNAVAIL=return]\tsystemd # ldap\n"
        "group:\n";
    CHECK(services_of(text, "passwd") == Names{"files", "sss", "systemd"});
    CHECK(services_of(text, "group").empty());
    CHECK(services_of(text, "shadow") == Names{"files"});
}
