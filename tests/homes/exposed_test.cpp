// What others could have written: trusted when it is known, else closed, whatever they try.

#include "catch.hpp"
#include "finding/gate.hpp"
#include "keys.hpp"
#include "keys/fingerprint.hpp"
#include "temp_home.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <utility>

using namespace sshpermd;

namespace {

constexpr const char* key = ".ssh/authorized_keys";

std::string read(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream{path}.rdbuf();
    return text.str();
}

/// A home that rounds have seen right with two keys in it.
struct KnownHome : TempHome {
    KnownHome() {
        kernel = kernel_variant();
        write(key, key_line('a') + key_line('b'));
        round();
        REQUIRE(memory.has_read_keys(account()));
        REQUIRE(is_right());
    }
};

/// The same in the same process, opened for writing before anything is repaired.
UniqueFd open_for_writing(const TempHome& home) {
    UniqueFd fd{open(home.path(key).c_str(), O_RDWR | O_APPEND | O_CLOEXEC)};
    REQUIRE(fd);
    return fd;
}

} // namespace

TEST_CASE("what others could have written is repaired when every key is known", "[exposed]") {
    KnownHome home;
    home.open_up();
    SECTION("the same keys") {}
    SECTION("fewer keys") { home.write(key, key_line('b')); }
    SECTION("in another order, with other comments") {
        home.write(key, "# restored\n" + key_line('b', "bob@new") + "\n" + key_line('a'));
    }
    SECTION("a new file") {
        home.remove(key);
        home.write(key, key_line('a'));
        home.chown(key, TempHome::uid, TempHome::gid);
        home.chmod(key, 0777);
    }
    SECTION("none") { home.write(key, ""); }

    const auto rounds = home.round();

    CHECK(home.is_right());
    for (const auto target : {Target::home, Target::ssh_dir, Target::authorized_keys}) {
        CHECK(rounds.of(target).action == Action::repaired);
        CHECK(rounds.of(target).exposed);
        REQUIRE(rounds.of(target).content.has_value());
    }
}

TEST_CASE("a key that nobody vouches for is closed, and said so with its fingerprint",
          "[exposed]") {
    KnownHome home;
    home.open_up();
    home.write(key, key_line('a') + key_line('m'));

    const auto rounds = home.round();

    const auto& report = rounds.of(Target::authorized_keys);
    CHECK(report.action == Action::withheld);
    CHECK(home.mode(key) == Mode{0});
    CHECK(home.mode(".ssh") == Mode{0700});
    CHECK(home.mode("") == Mode{0700});
    REQUIRE(report.content.has_value());
    CHECK(report.content->fingerprints.size() == 1);
    CHECK(report.content->sha256 == sha256_fingerprint(key_line('a') + key_line('m')));

    SECTION("and stays closed") {
        const auto again = home.round();
        CHECK(again.of(Target::authorized_keys).action == Action::withheld);
        CHECK(home.mode(key) == Mode{0});
        CHECK_FALSE(again.of(Target::authorized_keys).tried);
    }
    SECTION("until an operator trusts that content") {
        home.word.trust_content = report.content->sha256;
        home.round();
        CHECK(home.is_right());
        home.word = {};
        home.open_up();
        home.round();
        CHECK(home.is_right());
    }
    SECTION("not for another content") {
        home.word.trust_content = sha256_fingerprint("another");
        home.round();
        CHECK(home.mode(key) == Mode{0});
    }
    SECTION("or its owner opens it") {
        home.chmod(key, 0600);
        home.round();
        CHECK(home.is_right());
        CHECK_FALSE(home.memory.is_withheld(home.account(), "authorized_keys", "anything"));
    }
    SECTION("also when it is opened up once more") {
        home.chmod("", 0777);
        home.chmod(".ssh", 0777);
        home.round();
        CHECK(home.mode(key) == Mode{0});
        CHECK(home.mode(".ssh") == Mode{0700});
    }
}

TEST_CASE("the first round that sees an account trusts what is there", "[exposed]") {
    TempHome home;
    home.write(key, key_line('m'));
    home.open_up();

    home.round();

    CHECK(home.is_right());
}

TEST_CASE("the configuration decides whether anything is trusted", "[exposed]") {
    SECTION("always") {
        KnownHome home;
        home.config.on_exposed = OnExposed::repair;
        home.open_up();
        home.write(key, key_line('m'));

        home.round();

        CHECK(home.is_right());
    }
    SECTION("never, not even at first") {
        TempHome home;
        home.config.on_exposed = OnExposed::withhold;
        home.write(key, key_line('m'));
        home.open_up();

        home.round();

        CHECK(home.mode(key) == Mode{0});
    }
}

TEST_CASE("nothing is learned from what others could write", "[exposed]") {
    KnownHome home;
    home.chmod("", 0755);
    home.chmod(key, 0666);
    home.chmod(".ssh", 0755);
    home.write(key, key_line('m'));

    home.round(Hand::look);
    home.round();

    CHECK(home.mode(key) == Mode{0});
}

TEST_CASE("what its account wrote while nobody else could is known", "[exposed]") {
    KnownHome home;
    home.write(key, key_line('a') + key_line('n'));
    home.round();
    home.open_up();

    home.round();

    CHECK(home.is_right());
}

TEST_CASE("somebody who still has the file open for writing writes into the old one", "[exposed]") {
    KnownHome home;
    home.open_up();
    const auto before = home.look(key).inode;
    const auto content = read(home.path(key));
    const auto writer = open_for_writing(home);

    const auto rounds = home.round();
    REQUIRE(::write(writer.get(), "late\n", 5) == 5);

    CHECK(rounds.of(Target::authorized_keys).replaced);
    CHECK(home.is_right());
    CHECK(home.look(key).inode != before);
    CHECK(read(home.path(key)) == content);
    CHECK(rounds.of(Target::authorized_keys).action == Action::repaired);
}

TEST_CASE("a mapping outlives its descriptor, and counts as one", "[exposed]") {
    KnownHome home;
    home.open_up();
    auto writer = open_for_writing(home);
    auto* const page =
        static_cast<char*>(mmap(nullptr, 64, PROT_READ | PROT_WRITE, MAP_SHARED, writer.get(), 0));
    REQUIRE(page != MAP_FAILED);
    writer = UniqueFd{};
    const auto content = read(home.path(key));

    const auto rounds = home.round();
    page[0] = 'X';

    CHECK(rounds.of(Target::authorized_keys).replaced);
    CHECK(read(home.path(key)) == content);
    munmap(page, 64);
}

TEST_CASE("what cannot be replaced while it is open for writing is closed", "[exposed]") {
    KnownHome home;
    home.open_up();
    REQUIRE(link(home.path(key).c_str(), home.path("elsewhere").c_str()) == 0);
    const auto writer = open_for_writing(home);

    home.round();

    CHECK(home.mode(key) == Mode{0});
}

TEST_CASE("a link to keys in a home that others could write closes .ssh", "[exposed]") {
    KnownHome home;
    home.open_up();
    home.remove(key);
    REQUIRE(symlink("/etc/hostname", home.path(key).c_str()) == 0);

    const auto rounds = home.round();

    CHECK(rounds.of(Target::ssh_dir).action == Action::withheld);
    CHECK(home.mode(".ssh") == Mode{0});
    CHECK(home.look(".ssh").owner == TempHome::uid);
    CHECK(home.round().of(Target::ssh_dir).action == Action::withheld);
    CHECK(home.mode(".ssh") == Mode{0});
    SECTION("until its owner opens it") {
        home.chmod(".ssh", 0700);
        home.round();
        CHECK(home.mode(".ssh") == Mode{0700});
    }
}

TEST_CASE("a link in the place of .ssh keeps its home in a state that sshd refuses", "[exposed]") {
    KnownHome home;
    home.open_up();
    REQUIRE(rename(home.path(".ssh").c_str(), home.path("ssh").c_str()) == 0);
    REQUIRE(symlink("/etc/ssh", home.path(".ssh").c_str()) == 0);

    const auto rounds = home.round();

    CHECK(rounds.of(Target::home).action == Action::withheld);
    CHECK(home.mode("") == Mode{0770});
    CHECK(home.look("").owner == TempHome::uid);
    CHECK(home.look("").group == 0);
    CHECK(home.round().of(Target::home).action == Action::withheld);
    SECTION("until it is a directory again") {
        home.remove(".ssh");
        REQUIRE(rename(home.path("ssh").c_str(), home.path(".ssh").c_str()) == 0);
        home.round();
        CHECK(home.is_right());
    }
}

TEST_CASE("a .ssh found frozen is judged by how it was frozen", "[exposed]") {
    KnownHome home;
    home.write(key, key_line('m'));
    home.chown(".ssh", 0, 0);
    SECTION("others could have written it") {
        home.chmod(".ssh", frozen_mode.bits());
        home.round();
        CHECK(home.mode(key) == Mode{0});
        CHECK(home.mode(".ssh") == Mode{0700});
    }
    SECTION("others could have, and its account has it still") {
        home.chown(".ssh", TempHome::uid, TempHome::gid);
        home.chmod(".ssh", frozen_mode.bits());
        home.round();
        CHECK(home.mode(key) == Mode{0});
        CHECK(home.mode(".ssh") == Mode{0700});
    }
    SECTION("nobody could") {
        home.chmod(".ssh", frozen_unexposed_mode.bits());
        home.round();
        CHECK(home.is_right());
    }
}

TEST_CASE("a home is told as it was at first, however often it is looked at", "[exposed]") {
    KnownHome home;
    home.chmod("", 0777);
    bool was_replaced = false;
    const auto replace_once = [&](const Report& report) {
        if (report.target == Target::home && !std::exchange(was_replaced, true)) {
            REQUIRE(rename(home.path(".ssh").c_str(), home.path("ssh").c_str()) == 0);
            REQUIRE(mkdir(home.path(".ssh").c_str(), 0700) == 0);
            home.chown(".ssh", TempHome::uid, TempHome::gid);
        }
        return true;
    };

    const auto rounds = home.round(Hand::repair, replace_once);

    const auto& report = rounds.of(Target::home);
    REQUIRE(was_replaced);
    CHECK(report.action == Action::repaired);
    CHECK(report.observed->mode == Mode{0777});
    CHECK(report.exposed);
    CHECK(report.after->mode == home.mode(""));
}

TEST_CASE("a home that was being shut is finished", "[exposed]") {
    KnownHome home;
    home.chown("", TempHome::uid, 0);
    home.chmod("", closing_mode.bits());
    SECTION("with known keys") {
        home.round();
        CHECK(home.is_right());
    }
    SECTION("with a key that nobody knows") {
        home.write(key, key_line('m'));
        home.round();
        CHECK(home.mode("") == Mode{0700});
        CHECK(home.mode(key) == Mode{0});
    }
}

TEST_CASE("a home that is still the same does not suffer from an open home root", "[exposed]") {
    KnownHome home;
    REQUIRE(chmod(home.root().c_str(), 0777) == 0);
    home.chmod(".ssh", 0755);

    const auto rounds = home.round();

    CHECK(rounds.root.action == Action::repaired);
    CHECK_FALSE(rounds.of(Target::ssh_dir).exposed);
    CHECK_FALSE(rounds.of(Target::ssh_dir).content.has_value());
    CHECK(home.is_right());
}

TEST_CASE("root's key file that anybody could write is judged like the account's", "[exposed]") {
    KnownHome home;
    home.open_up();
    home.chown(key, 0, 0);
    SECTION("known keys") {
        home.round();
        CHECK(home.is_right());
    }
    SECTION("an unknown one") {
        home.write(key, key_line('m'));
        home.round();
        CHECK(home.mode(key) == Mode{0});
    }
    SECTION("no key file") {
        home.write(key, "secret\n");
        home.round();
        CHECK(home.look(key).owner == 0);
        CHECK(home.mode(".ssh") == Mode{0});
    }
}

TEST_CASE("looking at an exposed chain changes nothing", "[exposed]") {
    KnownHome home;
    home.open_up();
    home.write(key, key_line('m'));

    const auto rounds = home.round(Hand::look);

    CHECK(home.mode("") == Mode{0777});
    CHECK(home.mode(key) == Mode{0666});
    CHECK(rounds.of(Target::authorized_keys).action == Action::would_repair);
}

TEST_CASE("what the administrator accepts is not exposure", "[exposed]") {
    KnownHome home;
    home.config.policy.home.accept = {Mode{0777}};
    home.chmod("", 0777);
    home.chmod(".ssh", 0755);
    home.write(key, key_line('n'));

    const auto rounds = home.round();

    CHECK(home.mode(".ssh") == Mode{0700});
    CHECK(home.mode(key) == Mode{0600});
    CHECK_FALSE(rounds.of(Target::ssh_dir).exposed);
}

TEST_CASE("a home that an ACL or another owner opened stays shut while .ssh is a link",
          "[exposed]") {
    KnownHome home;
    home.chmod("", 0777);
    home.chown("", 1, 1);
    REQUIRE(rename(home.path(".ssh").c_str(), home.path("ssh").c_str()) == 0);
    REQUIRE(symlink("/etc/ssh", home.path(".ssh").c_str()) == 0);

    for (int i = 0; i < 3; ++i)
        CHECK(home.round().of(Target::home).action == Action::withheld);

    CHECK(home.look("").owner == 0);
    CHECK(home.mode("") == closing_mode_of_roots);
    home.remove(".ssh");
    REQUIRE(rename(home.path("ssh").c_str(), home.path(".ssh").c_str()) == 0);
    home.round();
    CHECK(home.is_right());
}

TEST_CASE("a closed key file that nobody remembers is judged like any other", "[exposed]") {
    KnownHome home;
    home.chmod(key, 0);
    SECTION("with known keys it is opened") {
        home.round();
        CHECK(home.is_right());
    }
    SECTION("with an unknown one it stays closed") {
        home.write(key, key_line('m'));
        CHECK(home.round().of(Target::authorized_keys).action == Action::withheld);
        CHECK(home.mode(key) == Mode{0});
    }
}

TEST_CASE("a withheld key file is not opened because it changed its owner", "[exposed]") {
    KnownHome home;
    home.open_up();
    home.write(key, key_line('m'));
    home.round();
    REQUIRE(home.mode(key) == Mode{0});
    home.chown(key, 0, 0);
    const bool all = GENERATE(false, true);
    if (all)
        home.chown(".ssh", 0, 0);

    home.round();

    CHECK(home.mode(key) == Mode{0});
    CHECK(home.look(".ssh").owner == TempHome::uid);
}

TEST_CASE("at first sight, too, nobody may go on writing", "[exposed]") {
    TempHome home;
    home.write(key, key_line('a'));
    home.open_up();
    REQUIRE(link(home.path(key).c_str(), home.path("elsewhere").c_str()) == 0);
    const auto writer = open_for_writing(home);

    home.round();

    CHECK(home.mode(key) == Mode{0});
}

TEST_CASE("nothing is held again and again for what stays refused", "[exposed]") {
    KnownHome home;
    home.write(".ssh/authorized_keys2", key_line('m'));
    home.chown(".ssh/authorized_keys2", 1, 1);
    home.round();
    struct stat about {};
    REQUIRE(stat(home.path(".ssh").c_str(), &about) == 0);

    for (int i = 0; i < 5; ++i)
        home.round();

    struct stat after {};
    REQUIRE(stat(home.path(".ssh").c_str(), &after) == 0);
    CHECK(after.st_ctim.tv_sec == about.st_ctim.tv_sec);
    CHECK(after.st_ctim.tv_nsec == about.st_ctim.tv_nsec);
}

TEST_CASE("until its keys were read an account is new, whatever else is known", "[exposed]") {
    TempHome home;
    home.write(key, key_line('a'));
    home.learn = Learn::objects;
    home.round();
    home.open_up();
    home.learn = Learn::content;

    home.round();

    CHECK(home.is_right());
}
