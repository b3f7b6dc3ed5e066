// Patterns: names, hosts and addresses as sshd matches them.
#include "catch.hpp"
#include "explain/patterns.hpp"

namespace {

using namespace sshpermd;

TEST_CASE("a pattern matches as sshd's does", "[patterns]") {
    CHECK(matches("alice", "alice"));
    CHECK(matches("alice", "a*e"));
    CHECK(matches("alice", "al?ce"));
    CHECK(matches("", "*"));
    CHECK(matches("abcabd", "*abd"));
    CHECK_FALSE(matches("alice", "a?e"));
    CHECK_FALSE(matches("alice", "alic"));
    CHECK_FALSE(matches("alice", "alice?"));
    CHECK_FALSE(matches("alice", ""));
    CHECK_FALSE(matches("Alice", "alice"));
}

TEST_CASE("what a list excludes is excluded, wherever it stands", "[patterns]") {
    CHECK(match_list("b", "a,b") == 1);
    CHECK(match_list("c", "a,b") == 0);
    CHECK(match_list("b", "*,!b") == -1);
    CHECK(match_list("b", "!b,*") == -1);
    CHECK(match_list("a", "!b") == 0);
}

TEST_CASE("an address is in a network, or not", "[patterns]") {
    CHECK(match_addresses("10.1.2.3", "10.0.0.0/8") == 1);
    CHECK(match_addresses("11.1.2.3", "10.0.0.0/8") == 0);
    CHECK(match_addresses("10.1.2.3", "10.0.0.0/8,!10.1.0.0/16") == -1);
    CHECK(match_addresses("10.1.2.3", "10.1.2.3") == 1);
    CHECK(match_addresses("10.1.2.3", "10.1.*") == 1);
    CHECK(match_addresses("10.1.2.3", "10.0.0.1/8") == -2); // bits behind the length
    CHECK(match_addresses("10.1.2.3", "10.0.0.0/33") == 0);
    CHECK(match_addresses("10.1.2.3", "") == -2);
    CHECK(match_addresses("2001:db8::1", "2001:db8::/32") == 1);
    CHECK(match_addresses("2001:db8::1", "0.0.0.0/0") == 0);
    CHECK(match_addresses("10.1.2.3", "0.0.0.0/0") == 1);
}

TEST_CASE("where the client is decides only when it is known", "[patterns]") {
    const Client nowhere;
    const Client near{"127.0.0.1", false};
    const Client named{"127.0.0.1", true};

    CHECK(match_host(nowhere, "10.0.0.0/8") == Match::cannot_tell);
    CHECK(match_host(near, "127.0.0.0/8") == Match::yes);
    CHECK(match_host(near, "*.0.0.1") == Match::yes);
    CHECK(match_host(near, "*,!127.0.0.1") == Match::no);
    CHECK(match_host(near, "127.0.0.1/8") == Match::invalid);
    CHECK(match_host(near, "*.example.com") == Match::no);
    CHECK(match_host(named, "*.example.com") == Match::cannot_tell);
    CHECK(match_host(named, "127.0.0.0/8") == Match::yes);
    CHECK(match_user("alice", nowhere, "alice") == Match::yes);
    CHECK(match_user("alice", nowhere, "bob@10.0.0.0/8") == Match::no);
    CHECK(match_user("alice", nowhere, "alice@10.0.0.0/8") == Match::cannot_tell);
    CHECK(match_user("alice", near, "a*@127.0.0.1") == Match::yes);
}

} // namespace
