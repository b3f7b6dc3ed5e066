// What sshd's configuration says about chroots, read so that no chroot is overlooked.
#include "catch.hpp"

#include "policy/sshd_config.hpp"

#include <string>
#include <string_view>

using namespace sshpermd;

namespace {

using Texts = std::vector<std::string>;

bool sets_chroot(std::string_view text) { return scan_sshd_config(text).sets_chroot; }
Texts includes(std::string_view text) { return scan_sshd_config(text).includes; }
bool unclear(std::string_view text) { return scan_sshd_config(text).unclear; }

const Account alice{"alice", 20001, 20001, "/home/alice"};

} // namespace

TEST_CASE("a ChrootDirectory is seen however sshd lets it be written", "[sshd_config]") {
    const auto* const text =
        GENERATE("ChrootDirectory %h", "chrootdirectory /srv/%u\n", "CHROOTDIRECTORY=/srv",
                 "Match User bob\n\tChrootDirectory\t=\t\"/srv\"\n", "\"ChrootDirectory\" /srv",
                 "  =ChrootDirectory /srv", "Port 22\r\nChrootDirectory %h\r\n",
                 "ChrootDirectory none\nMatch all\nChrootDirectory %h", "ChrootDirectory",
                 "ChrootDirectory none such", "\f\vChrootDirectory /srv");

    CHECK(sets_chroot(text));
}

TEST_CASE("no ChrootDirectory is seen where none is set", "[sshd_config]") {
    const auto* const text =
        GENERATE("", "\n\n", "# ChrootDirectory %h", "\t#ChrootDirectory %h\n",
                 "ChrootDirectory none", "ChrootDirectory = \"None\"\r\n",
                 "ForceCommand internal-sftp", "Banner ChrootDirectory", "ChrootDirectoryX /srv");

    CHECK_FALSE(sets_chroot(text));
    CHECK_FALSE(unclear(text));
}

TEST_CASE("a Match block makes the configuration differ between accounts", "[sshd_config]") {
    CHECK(scan_sshd_config("MATCH all\n").has_match);
    CHECK_FALSE(scan_sshd_config("#Match all\nMatchbox x\n").has_match);
}

TEST_CASE("a Match that asks where the client is makes it differ between clients",
          "[sshd_config]") {
    const auto asks = [](std::string_view text) { return scan_sshd_config(text).asks_for_client; };

    for (const auto* const asked :
         {"Match Host *.example.com\n", "match user alice ADDRESS 10.0.0.0/8\n",
          "Match address=10.0.0.1 user alice\n", "Match LocalAddress 10.0.0.1",
          "Match LocalPort 22\nMatch User bob\n", "Match User bob\nMatch RDomain red\n"})
        CHECK(asks(asked));
    CHECK_FALSE(asks("Match User alice Group staff\n"));
    CHECK_FALSE(asks("Match all\n"));
    CHECK_FALSE(asks("Hostkey /x\n"));
}

TEST_CASE("the files of an AuthorizedKeysFile are the account's own", "[sshd_config]") {
    CHECK(key_files_of(".ssh/authorized_keys  .ssh/keys2", alice) ==
          Texts{"/home/alice/.ssh/authorized_keys", "/home/alice/.ssh/keys2"});
    CHECK(key_files_of(" /etc/keys/%u\t%h/keys", alice) ==
          Texts{"/etc/keys/alice", "/home/alice/keys"});
    CHECK(key_files_of("/etc/keys/%z NONE .k", alice) == Texts{"/home/alice/.k"});
    CHECK(key_files_of("none", alice).empty());
}

TEST_CASE("every file of an Include is followed", "[sshd_config]") {
    CHECK(includes("Include /etc/ssh/sshd_config.d/*.conf\n") ==
          Texts{"/etc/ssh/sshd_config.d/*.conf"});
    CHECK(includes("include=\"a.conf\" b/*.conf # c\n  Include d\n") ==
          Texts{"a.conf", "b/*.conf", "d"});
    CHECK(includes("#Include a\n").empty());
}

TEST_CASE("an Include that is not understood is sshd's to answer for", "[sshd_config]") {
    const auto* const text = GENERATE(
        "Include", "Include \"", "Include \"a", "Include \"\"", "Include 'a'", "Include a\\ b",
        "Include \"a\"b", "Include a\"b\"", "Include ~/x", "Include {a,b}", "Include # a",
        "Include a\nInclude\n", "Include a \"b", "Include ~/x\nInclude a");

    CHECK(unclear(text));
}

TEST_CASE("the setting that sshd answers with is read in any case of its keyword",
          "[sshd_config]") {
    CHECK(chroot_directory_of("port 22\nchrootdirectory %h\nx y\n") == "%h");
    CHECK(chroot_directory_of("Port 22\nChrootDirectory /srv/with space/%u\n") ==
          "/srv/with space/%u");
    CHECK(chroot_directory_of("chrootdirectory none\n") == "none");
    CHECK_FALSE(chroot_directory_of("").has_value());
    CHECK_FALSE(chroot_directory_of("port 22\nchrootdirectory\n").has_value());
}

TEST_CASE("tokens of a chroot stand for the account", "[sshd_config]") {
    CHECK(expand_chroot("/srv/%u/%U%%", alice) == "/srv/alice/20001%");
    CHECK(expand_chroot("%h", alice) == "/home/alice");
    CHECK_FALSE(expand_chroot("/srv/%d", alice).has_value());
    CHECK_FALSE(expand_chroot("/srv/%", alice).has_value());
}

TEST_CASE("an account's name that would say more to sshd is not asked about", "[sshd_config]") {
    CHECK(can_be_asked("alice@corp.example"));
    CHECK(can_be_asked("al=ice"));
    for (const auto* const name : {"", "alice,addr=1.2.3.4", "al ice", "al\nice", "al\x7fice"})
        CHECK_FALSE(can_be_asked(name));
}

TEST_CASE("a directory contains itself and what is below it, not its namesakes", "[sshd_config]") {
    CHECK(is_at_or_below("/home/alice", "/home/alice/"));
    CHECK(is_at_or_below("/home//./alice/x", "/home/alice"));
    CHECK(is_at_or_below("/home/alice", "/"));
    CHECK_FALSE(is_at_or_below("/home/alice2", "/home/alice"));
    CHECK_FALSE(is_at_or_below("/home", "/home/alice"));
}
