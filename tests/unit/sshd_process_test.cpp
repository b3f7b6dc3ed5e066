// sshd process: what a running sshd was started with, and what is listened on.
#include "catch.hpp"
#include "explain/sshd_facts.hpp"
#include "system/sshd_process.hpp"

#include <string>

namespace {

using namespace sshpermd;
using namespace std::string_literals;

using Words = std::vector<std::string>;

TEST_CASE("a listening sshd says in its title what it was started with", "[sshd_process]") {
    const auto found = parse_sshd_arguments(
        "sshd: /usr/sbin/sshd -D -e -f /run/a b.conf -o AuthorizedKeysCommand /usr/bin/eic %u %f "
        "-oPort=2222 -p 23 [listener] 0 of 10-100 startups"s);

    REQUIRE(found);
    CHECK(found->understood);
    CHECK(found->config == "/run/a b.conf");
    CHECK(found->options ==
          Words{"-o", "AuthorizedKeysCommand /usr/bin/eic %u %f", "-o", "Port=2222", "-p", "23"});
}

TEST_CASE("the release of OpenSSH is its first number", "[sshd_process]") {
    CHECK(openssh_release_in("unknown option -- V\nOpenSSH_8.7p1, OpenSSL 3.0") == 8);
    CHECK(openssh_release_in("OpenSSH_10.2p1 Debian-1, OpenSSL 3.5.4") == 10);
    CHECK_FALSE(openssh_release_in("OpenSSH_, or another"));
    CHECK_FALSE(openssh_release_in(""));
    CHECK(highest_openssh_release_in("OpenSSH_2.*,OpenSSH_6.6.1*\nOpenSSH_9.2p1") == 9);
    CHECK(highest_openssh_release_in("OpenSSH_10.0p2 OpenSSH_9.2") == 10);
    CHECK_FALSE(highest_openssh_release_in("OpenSSH_, OpenSSH_for"));
}

TEST_CASE("words with NULs between them are taken as they are", "[sshd_process]") {
    const auto found = parse_sshd_arguments("/usr/sbin/sshd\0-D\0-o\0StrictModes no\0-4f/etc/x\0"s);

    REQUIRE(found);
    CHECK(found->config == "/etc/x");
    CHECK(found->options == Words{"-o", "StrictModes no"});
}

TEST_CASE("a blank in one word is part of it in a title, too", "[sshd_process]") {
    const auto found = parse_sshd_arguments(
        "sshd: /usr/sbin/sshd -oPubkeyAuthentication no -D [listener] 0 of 10-100 startups"s);

    REQUIRE(found);
    CHECK(found->options == Words{"-o", "PubkeyAuthentication no"});
}

TEST_CASE("sshds that serve one connection, and others, are not the listening one",
          "[sshd_process]") {
    for (const auto& line :
         {"sshd: alice [priv]"s, "sshd: alice@pts/0"s, "sshd: [accepted]"s, "vi\0sshd_config\0"s,
          "/usr/sbin/sshd\0-D\0-R\0"s, "/usr/sbin/sshd\0-i\0"s, "/usr/sbin/sshd\0-T\0"s, ""s})
        CHECK_FALSE(parse_sshd_arguments(line));
}

TEST_CASE("a line that is not understood is said to be so", "[sshd_process]") {
    const auto found = parse_sshd_arguments("/usr/sbin/sshd\0what\0"s);

    REQUIRE(found);
    CHECK_FALSE(found->understood);
}

TEST_CASE("sockets that are listened on are told from others", "[sshd_process]") {
    const auto found =
        parse_listeners("  sl  local_address rem_address   st tx_queue rx_queue\n"
                        "   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000\n"
                        "   1: 0100007F:08FB 00000000:0000 0A 00000000:00000000 00:00000000\n"
                        "   2: 0100007F:0016 0100007F:A000 01 00000000:00000000 00:00000000\n"
                        "   3: 00000000000000000000000001000000:0050 0:0 0A 0:0\n"
                        "nonsense\n");

    REQUIRE(found.size() == 3);
    CHECK(found[0].port == 22);
    CHECK_FALSE(found[0].loopback_only);
    CHECK(found[1].port == 2299);
    CHECK(found[1].loopback_only);
    CHECK(found[2].port == 80);
    CHECK(found[2].loopback_only);
}

} // namespace
