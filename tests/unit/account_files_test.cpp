// Account files: the accounts that a machine has of its own.
#include "catch.hpp"

#include "policy/account_files.hpp"

#include <string>

using namespace sshpermd;

TEST_CASE("what /etc/passwd and /etc/group say is read without any service", "[account_files]") {
    const auto accounts = parse_account_files("root:x:0:0:root:/root:/bin/bash\n"
                                              "alice:x:1001:1002:Alice A.:/home/alice:/bin/sh\n"
                                              "  bob::1003:1003::/home/bob:",
                                              "root:x:0:\nstaff:x:50:alice,bob\nodd:x:51:,alice,");

    REQUIRE(accounts.all().size() == 3);
    CHECK(accounts.all()[1] == Account{"alice", 1001, 1002, "/home/alice"});
    CHECK(accounts.all()[2] == Account{"bob", 1003, 1003, "/home/bob"});
    REQUIRE(accounts.groups().size() == 3);
    CHECK(accounts.groups()[1] == Group{"staff", 50, {"alice", "bob"}});
    CHECK(accounts.groups()[2] == Group{"odd", 51, {"alice"}});
    CHECK_FALSE(accounts.has_everybody());
}

TEST_CASE("lines that are no accounts of this machine are passed over", "[account_files]") {
    const auto* const line = GENERATE(
        "# alice:x:1001:1001::/home/alice:", "+::::::", "+@staff", "-mallory:x:1:1::/:", "", "   ",
        ":x:1:1::/:", "alice", "alice:x:", "alice:x:-1:1::/home/alice:",
        "alice:x:4294967296:1::/home/alice:", "alice:x:1001::x:/home/alice:");

    CHECK(parse_account_files(line, "").all().empty());
    CHECK(parse_account_files(std::string{line} + "\nbob:x:7:8::/home/bob:\n", "").all() ==
          std::vector<Account>{{"bob", 7, 8, "/home/bob"}});
}

TEST_CASE("of several lines with one name the first counts", "[account_files]") {
    const auto accounts = parse_account_files("a:x:1:1::/home/a:\na:x:2:2::/home/b:\n", "");

    CHECK(accounts.all() == std::vector<Account>{{"a", 1, 1, "/home/a"}});
}
