// Whom sshd confines: the installed sshd and stand-ins that fail it in every way.

#include "catch.hpp"
#include "system/chroot.hpp"
#include "system/inquirer.hpp"
#include "temp_home.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <fstream>

using namespace sshpermd;
using namespace std::chrono_literals;

namespace {

/// A directory of configuration and a stand-in for sshd that counts how often it is started.
struct Sshd {
    TempRoot dir;

    std::string path(const std::string& name) const { return dir.path() + "/" + name; }
    std::string write(const std::string& name, const std::string& text,
                      unsigned mode = 0600) const {
        std::ofstream{path(name)} << text;
        chmod(path(name).c_str(), mode);
        return path(name);
    }
    void configure(const std::string& text) const { write("sshd_config", text); }
    void act(const std::string& script) const {
        write("sshd", "#!/bin/sh\necho x >>" + path("starts") + "\n" + script + "\n", 0755);
    }
    Chroots chroots() const { return Chroots{{{path("sshd_config")}, {path("sshd")}, 500ms}}; }
    std::size_t starts() const {
        std::ifstream file{path("starts")};
        std::size_t lines = 0;
        for (std::string line; std::getline(file, line);)
            ++lines;
        return lines;
    }
};

Account account(const std::string& name, const std::string& home) {
    return {name, TempHome::uid, TempHome::gid, home};
}

const Account alice = account("alice", "/home/alice");
const Account bob = account("bob", "/home/bob");

constexpr const char* of_each = "Match Group sftponly\nChrootDirectory %h\n";

} // namespace

TEST_CASE("without a word of a chroot sshd is not asked", "[chroots]") {
    const Sshd sshd;
    sshd.act("echo chrootdirectory %h");
    sshd.configure("Include sub/*.conf\nMatch User alice\nChrootDirectory none\n");
    auto chroots = sshd.chroots();

    CHECK_FALSE(chroots.may_confine(alice));
    CHECK(sshd.starts() == 0);
}

TEST_CASE("sshd's answer decides whom a chroot confines", "[chroots]") {
    const Sshd sshd;
    sshd.configure(of_each);
    sshd.act("case \"$*\" in *user=alice,*) echo ChrootDirectory %h;; *) echo chrootdirectory "
             "none;; esac");
    auto chroots = sshd.chroots();

    CHECK(chroots.may_confine(alice));
    CHECK_FALSE(chroots.may_confine(bob));
    CHECK(chroots.may_confine(alice));
    CHECK_FALSE(chroots.may_confine(bob));
    CHECK(sshd.starts() == 2);
}

TEST_CASE("a chroot counts where the home is it, above it or below it", "[chroots]") {
    const Sshd sshd;
    sshd.configure("ChrootDirectory x\n");
    const auto confines = [&](const std::string& setting, const Account& whom) {
        sshd.act("echo chrootdirectory '" + setting + "'");
        return sshd.chroots().may_confine(whom);
    };

    CHECK(confines("%h", alice));
    CHECK(confines("/home", alice));
    CHECK(confines("/home/%u/jail", alice));
    CHECK(confines("/nonexistent/%d", alice));
    CHECK(confines("relative", alice));
    CHECK_FALSE(confines("/nonexistent/%u", alice));
}

TEST_CASE("a chroot under another name of the home is found out", "[chroots]") {
    const Sshd sshd;
    sshd.configure("ChrootDirectory x\n");
    for (const auto* const name : {"jails", "jails/alice", "homes", "homes/alice"})
        REQUIRE(mkdir(sshd.path(name).c_str(), 0755) == 0);
    REQUIRE(symlink(sshd.path("homes").c_str(), sshd.path("link").c_str()) == 0);
    const auto inmate = account("alice", sshd.path("homes/alice"));
    const auto confines = [&](const std::string& setting) {
        sshd.act("echo chrootdirectory '" + setting + "'");
        return sshd.chroots().may_confine(inmate);
    };

    CHECK(confines(sshd.path("link/%u")));
    CHECK(confines(sshd.path("link")));
    CHECK_FALSE(confines(sshd.path("jails/%u")));
}

TEST_CASE("without a Match sshd is asked once for everybody", "[chroots]") {
    const Sshd sshd;
    sshd.configure("ChrootDirectory /nonexistent\n");
    sshd.act("echo chrootdirectory /nonexistent");
    auto chroots = sshd.chroots();

    CHECK_FALSE(chroots.may_confine(alice));
    for (int i = 0; i < 20; ++i)
        chroots.may_confine(account("u" + std::to_string(i), "/home/u"));
    CHECK(sshd.starts() == 1);
}

TEST_CASE("an sshd that cannot tell leaves every home alone, and is not asked at once again",
          "[chroots]") {
    const Sshd sshd;
    sshd.configure(of_each);
    std::size_t starts = 2; // -T, then -G
    SECTION("it fails") { sshd.act("echo chrootdirectory none; exit 255"); }
    SECTION("it dies") { sshd.act("echo chrootdirectory none; kill -9 $$"); }
    SECTION("it hangs") {
        sshd.act("echo chrootdirectory none; sleep 60");
        starts = 1;
    }
    SECTION("it closes its output and hangs") {
        sshd.act("echo chrootdirectory none; exec >&-; sleep 60");
        starts = 1;
    }
    SECTION("it babbles") {
        sshd.act("echo chrootdirectory none; while :; do echo " + std::string(1000, 'x') +
                 "; done");
    }
    SECTION("it says something else") {
        sshd.act("echo port 22");
        starts = 1;
    }
    SECTION("it is not there") { starts = 0; }
    auto chroots = sshd.chroots();
    const auto start = std::chrono::steady_clock::now();

    CHECK(chroots.may_confine(alice));
    CHECK(chroots.may_confine(bob));
    CHECK(chroots.may_confine(alice));
    CHECK(std::chrono::steady_clock::now() - start < 5s);
    CHECK(sshd.starts() == starts);
}

TEST_CASE("a newer sshd is asked in a way that needs no directory in /run", "[chroots]") {
    const Sshd sshd;
    sshd.configure(of_each);
    sshd.act("[ $1 = -G ] || exit 255; echo ChrootDirectory none");

    CHECK_FALSE(sshd.chroots().may_confine(alice));
    CHECK(sshd.starts() == 2);
}

TEST_CASE("a changed file asks sshd again", "[chroots]") {
    const Sshd sshd;
    sshd.write("more.conf", of_each);
    sshd.configure("Include *.conf\n");
    sshd.act("echo chrootdirectory none");
    auto chroots = sshd.chroots();
    REQUIRE_FALSE(chroots.may_confine(alice));
    SECTION("a file that is included") {
        sshd.write("more.conf", "#\nMatch all\nChrootDirectory /\n");
    }
    SECTION("a file that was not there") { sshd.write("other.conf", "Match all\n"); }
    SECTION("sshd itself") { sshd.act("echo; echo chrootdirectory none"); }

    CHECK_FALSE(chroots.may_confine(alice));
    CHECK(sshd.starts() == 2);
}

TEST_CASE("a name that would say more to sshd is never passed on", "[chroots]") {
    const Sshd sshd;
    sshd.configure(of_each);
    sshd.act("echo chrootdirectory none");

    CHECK(sshd.chroots().may_confine(account("eve,user=bob", "/home/eve")));
    CHECK(sshd.starts() == 0);
}

TEST_CASE("a configuration that cannot be followed is sshd's to answer for", "[chroots]") {
    const Sshd sshd;
    sshd.act("echo chrootdirectory %h");
    SECTION("a file elsewhere") { sshd.configure("Include /srv/x.conf\n"); }
    SECTION("a way up") { sshd.configure("Include ../x.conf\n"); }
    SECTION("itself") { sshd.configure("Include sshd_config\n"); }
    SECTION("a pipe that nobody writes") {
        REQUIRE(mkfifo(sshd.path("pipe").c_str(), 0600) == 0);
        sshd.configure("Include pipe\n");
    }

    CHECK(sshd.chroots().may_confine(alice));
    CHECK(sshd.starts() == 1);
}

TEST_CASE("a program that is asked gets nothing of ours", "[chroots]") {
    Inquirer inquirer;
    setenv("SSHPERMD_TEST_SECRET", "x", 1);

    CHECK(inquirer.ask({"/usr/bin/env"}, {}) == "PATH=/usr/sbin:/usr/bin:/sbin:/bin\nLC_ALL=C\n");
    CHECK(inquirer.ask({"/bin/cat"}, {}) == "");
    CHECK(inquirer.ask({"/bin/sh", "-c", "readlink /proc/$$/fd/0 /proc/$$/fd/2"}, {}) ==
          "/dev/null\n/dev/null\n");
    CHECK_FALSE(inquirer.ask({"/nonexistent"}, {}).has_value());
}

TEST_CASE(
    "the home of a chroot is left alone whatever became of its mode, and nothing in it touched",
    "[chroots]") {
    const Sshd sshd;
    sshd.configure(of_each);
    const bool confined = GENERATE(true, false);
    sshd.act(confined ? "echo chrootdirectory %h" : "echo chrootdirectory none");
    TempHome home;
    home.sshd = {{sshd.path("sshd_config")}, {sshd.path("sshd")}, 500ms};
    home.chown("", 0, 0);
    home.chmod("", GENERATE(0700U, 0000U));

    const auto rounds = home.round();

    const auto* const refusal = std::get_if<Refusal>(&rounds.of(Target::home).finding);
    if (confined) {
        REQUIRE(refusal != nullptr);
        CHECK(refusal->reason == RefusalReason::root_owned_home);
        CHECK(rounds.reports.size() == 1);
        CHECK(home.look("").owner == 0);
    } else {
        CHECK(refusal == nullptr);
        CHECK(home.look("").owner == TempHome::uid);
        CHECK(home.mode("") == Mode{0700});
    }
    CHECK(home.look(".ssh/authorized_keys").owner == TempHome::uid);
}

TEST_CASE("a chroot that drifted to 0777 is neither given away nor repaired", "[chroots]") {
    const Sshd sshd;
    sshd.configure(of_each);
    sshd.act("echo chrootdirectory %h");
    TempHome home;
    home.sshd = {{sshd.path("sshd_config")}, {sshd.path("sshd")}, 500ms};
    home.chown("", 0, 0);
    const unsigned mode = GENERATE(0755U, 0775U, 0777U, 01777U);
    home.chmod("", mode);

    const auto rounds = home.round();

    const auto* const refusal = std::get_if<Refusal>(&rounds.of(Target::home).finding);
    REQUIRE(refusal != nullptr);
    CHECK(refusal->reason == RefusalReason::root_owned_home);
    CHECK(rounds.of(Target::home).action == Action::none);
    CHECK(home.look("").owner == 0);
    CHECK(home.mode("") == Mode{mode});
    CHECK(home.mode(".ssh") == Mode{0700});
}
