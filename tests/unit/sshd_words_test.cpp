// What sshd says that keeps it from starting, and which lines may be left out for it.
#include "catch.hpp"
#include "explain/config_lines.hpp"
#include "explain/sshd_keywords.hpp"
#include "explain/sshd_words.hpp"

namespace {

using namespace sshpermd;

TEST_CASE("sshd's words say what keeps it from starting", "[sshdwords]") {
    const auto unknown =
        complaint_in("/etc/ssh/sshd_config line 2: Deprecated option UseLogin\r\n"
                     "/etc/ssh/sshd_config: line 12: Bad configuration option: Foo\r\n"
                     "/etc/ssh/sshd_config: line 14: Bad configuration option: Bar\r\n"
                     "/etc/ssh/sshd_config: terminating, 2 bad configuration options\r\n");
    REQUIRE(unknown);
    CHECK(unknown->fault == SshdFault::unknown_keyword);
    CHECK(unknown->file == "/etc/ssh/sshd_config");
    CHECK(unknown->line == 12);
    CHECK(unknown->subject == "Foo");

    const auto argument =
        complaint_in("/etc/ssh/sshd_config line 3: unsupported option \"maybe\".\r\n");
    REQUIRE(argument);
    CHECK(argument->fault == SshdFault::config);
    CHECK(argument->line == 3);

    const auto user = complaint_in("Privilege separation user sshd does not exist\r\n");
    REQUIRE(user);
    CHECK(user->fault == SshdFault::no_user);
    CHECK(user->subject == "sshd");

    const auto keys = complaint_in("/etc/ssh/sshd_config line 2: Unsupported option X\r\n"
                                   "Unable to load host key: /etc/ssh/ssh_host_rsa_key\r\n"
                                   "sshd: no hostkeys available -- exiting.\r\n");
    REQUIRE(keys);
    CHECK(keys->fault == SshdFault::no_host_keys);

    const auto missing = complaint_in("Missing privilege separation directory: /run/sshd\r\n");
    REQUIRE(missing);
    CHECK(missing->fault == SshdFault::no_directory);
    CHECK(missing->subject == "/run/sshd");

    const auto open =
        complaint_in("/run/sshd must be owned by root and not group or world-writable.\r\n");
    REQUIRE(open);
    CHECK(open->fault == SshdFault::open_directory);
    CHECK(open->subject == "/run/sshd");

    CHECK(complaint_in("something new\n")->fault == SshdFault::other);
    CHECK_FALSE(complaint_in("\n"));
    CHECK(complaint_in("/a line 99999999999999999999: x")->fault == SshdFault::other);
}

TEST_CASE("only what cannot have restricted anything may be left out", "[sshdwords]") {
    CHECK(why_line_stays("Port 22\nlorem ipsum\n", 2, "lorem").empty());
    CHECK(why_line_stays("  \"Lorem\"=x\n", 1, "lorem").empty());
    CHECK(why_line_stays("<<<<<<< HEAD\n", 1, "<<<<<<<").empty());
    CHECK(why_line_stays("lorem\nMatch all\n", 1, "lorem").empty());

    CHECK_FALSE(why_line_stays("Match User x\nlorem\n", 2, "lorem").empty());
    CHECK_FALSE(why_line_stays("MATCH=User x\nlorem\n", 2, "lorem").empty());
    CHECK_FALSE(why_line_stays("Port 22\nlorem\n", 1, "lorem").empty());
    CHECK_FALSE(why_line_stays("lorem\n", 2, "lorem").empty());
    for (const auto* const keyword :
         {"PermitRootLogin", "PermitRootLogn", "PasswordAuthentcation", "-PasswordAuthentication",
          "PermitRoot", "AllowUser", "PermitRootLogin:no", "SshdSessionPath"})
        CHECK_FALSE(why_line_stays(std::string{keyword} + " no\n", 1, keyword).empty());
}

TEST_CASE("a misspelt keyword is known by what it was meant to be", "[sshdwords]") {
    CHECK(keyword_like("PasswordAuthentcation") == "passwordauthentication");
    CHECK(keyword_like("Prot") == "");
    CHECK(keyword_like("AllowUser") == "allowusers");
    CHECK(keyword_like("lorem") == "");
    CHECK(is_sshd_keyword("UsePAM"));
    CHECK_FALSE(is_sshd_keyword("ForwardAgent"));
}

TEST_CASE("what is left out is shown as diff -u would", "[sshdwords]") {
    const std::string text = "1\n2\n3\n4\nlorem\n6\n7\n8\n9\n10";
    const auto changed = without_line(text, 5);

    CHECK(changed == "1\n2\n3\n4\n# left out by sshpermctl: lorem\n6\n7\n8\n9\n10");
    CHECK(unified_diff("/f", text, changed) ==
          "--- /f\n+++ /f\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-lorem\n+# left out by sshpermctl: "
          "lorem\n 6\n 7\n 8\n");
    CHECK(unified_diff("/f", text, text).empty());
    const auto both = without_line(changed, 10);
    CHECK(unified_diff("/f", text, both).find("@@ -2,9 +2,9 @@") != std::string::npos);
}

TEST_CASE("host keys are those that the lines name", "[sshdwords]") {
    CHECK(host_keys_in("#HostKey /a\nhostkey /b\n HostKey=\"/c d\"\nHostKey none\nMatch all\n") ==
          std::vector<std::string>{"/b", "/c d"});
    CHECK(key_type_for("/etc/ssh/ssh_host_ecdsa_key") == "ecdsa");
    CHECK(key_type_for("/rsa/key") == "ed25519");
}

TEST_CASE("names and directories that sshd asks for are only made where they belong",
          "[sshdwords]") {
    CHECK(is_system_name("sshd"));
    CHECK(is_system_name("_sshd"));
    for (const auto* const name : {"", "root", "-x", "a b", "Ä", "9a"})
        CHECK_FALSE(is_system_name(name));
    for (const auto* const path : {"/run/sshd", "/var/run/sshd", "/var/empty/sshd", "/var/empty",
                                   "/var/lib/empty", "/usr/share/empty.sshd"})
        CHECK(may_be_separation_dir(path));
    for (const auto* const path : {"/run", "/etc/sshd", "run/sshd", "/run/../etc/x", "/run/sshd/",
                                   "/running/x", "", "/home/alice", "/run//x"})
        CHECK_FALSE(may_be_separation_dir(path));
}

TEST_CASE("an Include behind a Match is part of its block", "[sshdwords]") {
    CHECK(includes_behind_match("Match all\n  include x\n"));
    CHECK_FALSE(includes_behind_match("Include x\nMatch all\n"));
}

} // namespace
