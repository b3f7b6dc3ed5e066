// What belongs to root in an account's chain: given to the account where the gates let it pass.

#include "catch.hpp"
#include "finding/gate.hpp"
#include "keys.hpp"
#include "keys/fingerprint.hpp"
#include "system/hold.hpp"
#include "temp_home.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

using namespace sshpermd;

namespace {

constexpr const char* key = ".ssh/authorized_keys";

std::optional<RefusalReason> refusal(const Report& report) {
    const auto* const refusal = std::get_if<Refusal>(&report.finding);
    return refusal == nullptr ? std::nullopt : std::optional{refusal->reason};
}

} // namespace

TEST_CASE("a key file that was copied with sudo is given to the account", "[takeover]") {
    TempHome home;
    home.kernel = kernel_variant();
    home.chown(key, 0, 0);
    home.chmod(key, GENERATE(0600U, 0644U, 0000U));

    const auto rounds = home.round();

    CHECK(rounds.of(Target::authorized_keys).action == Action::repaired);
    CHECK(rounds.of(Target::ssh_dir).action == Action::none);
    CHECK(home.is_right());
}

TEST_CASE("a .ssh that was made with sudo is given to the account", "[takeover]") {
    TempHome home;
    home.kernel = kernel_variant();
    home.chown(".ssh", 0, 0);
    home.chmod(".ssh", GENERATE(0700U, 0000U));
    home.chown(key, GENERATE(0U, TempHome::uid), 0);

    const auto rounds = home.round();

    CHECK(rounds.of(Target::ssh_dir).action == Action::repaired);
    CHECK(home.is_right());
}

TEST_CASE("a whole home that was given to root comes back", "[takeover]") {
    TempHome home;
    home.kernel = kernel_variant();
    for (const auto* const below : {"", ".ssh", key}) {
        home.chown(below, 0, 0);
        home.chmod(below, 0);
    }

    home.round();

    CHECK(home.is_right());
}

TEST_CASE("a chain of root's that lets its account log in is left alone", "[takeover]") {
    TempHome home;
    SECTION("the home") {
        home.chown("", 0, 0);
        home.chmod("", 0755);
        CHECK(refusal(home.round().of(Target::home)) == RefusalReason::root_owned_home);
    }
    SECTION(".ssh") {
        home.chown(".ssh", 0, 0);
        home.chmod(".ssh", 0755);
        CHECK(refusal(home.round().of(Target::ssh_dir)) == RefusalReason::foreign_owner);
    }
}

TEST_CASE("a dry run says what would be given away and gives nothing", "[takeover]") {
    TempHome home;
    home.chown(key, 0, 0);

    const auto rounds = home.round(Hand::look);

    CHECK(rounds.of(Target::authorized_keys).action == Action::would_repair);
    CHECK(home.look(key).owner == 0);
}

TEST_CASE("what is no key file is not given away, wherever it came from", "[takeover]") {
    TempHome home;
    home.kernel = kernel_variant();
    home.write(key, "root:$6$salt$hash:19000:0:99999:7:::\n");
    home.chown(key, 0, 0);

    const auto rounds = home.round();

    CHECK(refusal(rounds.of(Target::authorized_keys)) == RefusalReason::not_a_key_file);
    CHECK(home.look(key).owner == 0);
    CHECK(home.look(".ssh").owner == TempHome::uid);
    CHECK(home.mode(".ssh") == Mode{0700});
}

TEST_CASE("a file of root's with another name, powers or too much in it is not given away",
          "[takeover]") {
    TempHome home;
    home.kernel = kernel_variant();
    home.chown(key, 0, 0);
    auto expected = RefusalReason::hard_linked;
    SECTION("another name") {
        REQUIRE(link(home.path(key).c_str(), (home.root() + "/victim").c_str()) == 0);
    }
    SECTION("set-id bits") {
        home.chmod(key, 04600);
        expected = RefusalReason::set_id;
    }
    SECTION("file capabilities") {
        constexpr std::array<unsigned char, 20> capability{0x01, 0, 0, 2, 0x20};
        REQUIRE(setxattr(home.path(key).c_str(), "security.capability", capability.data(),
                         capability.size(), 0) == 0);
        expected = RefusalReason::set_id;
    }
    SECTION("too large") {
        home.write(key, std::string(max_key_file + 1, '\n'));
        home.chown(key, 0, 0);
        expected = RefusalReason::too_large;
    }

    const auto rounds = home.round();

    CHECK(refusal(rounds.of(Target::authorized_keys)) == expected);
    CHECK(home.look(key).owner == 0);
}

TEST_CASE("a directory of root's that is no .ssh is not given away, nor anything in it",
          "[takeover]") {
    TempHome home;
    home.kernel = kernel_variant();
    home.chown(".ssh", 0, 0);
    home.chown(key, 0, 0);
    SECTION("a stranger's file") { home.write(".ssh/secret.txt", "secret\n"); }
    SECTION("a link") { REQUIRE(symlink("/etc", home.path(".ssh/config").c_str()) == 0); }
    SECTION("a file of a third user's") {
        home.write(".ssh/config", "");
        home.chown(".ssh/config", 61009, 61009);
    }
    SECTION("too many files") {
        for (std::size_t i = 0; i <= max_ssh_entries; ++i)
            home.write(".ssh/id_" + std::to_string(i), "");
    }
    SECTION("a key file that is none") { home.write(key, "secret\n"); }

    const auto rounds = home.round();

    CHECK(refusal(rounds.of(Target::ssh_dir)) == RefusalReason::unknown_entries);
    CHECK(rounds.reports.size() == 2);
    CHECK(home.look(".ssh").owner == 0);
    CHECK(home.look(key).owner == 0);
}

TEST_CASE("a home below a home root that others could write is not given away", "[takeover]") {
    TempHome home;
    home.chown("", 0, 0);
    REQUIRE(chmod(home.root().c_str(), 0777) == 0);

    const auto rounds = home.round();

    CHECK(rounds.root.action == Action::repaired);
    CHECK(refusal(rounds.of(Target::home)) == RefusalReason::root_owned_home);
    CHECK(home.look("").owner == 0);
}

TEST_CASE("a third user's file is still nobody's to give away", "[takeover]") {
    TempHome home;
    home.chown(key, 61009, 61009);

    const auto rounds = home.round();

    CHECK(refusal(rounds.of(Target::authorized_keys)) == RefusalReason::foreign_owner);
    CHECK(home.look(key).owner == 61009);
}

TEST_CASE("a hold that was cut off by SIGKILL is finished by the next round", "[takeover]") {
    TempHome home;
    home.kernel = kernel_variant();
    home.write(".ssh/anything", "of the account's own\n");
    home.chown(".ssh", 0, 0);
    home.chmod(".ssh", frozen_mode.bits());
    home.chown(key, GENERATE(0U, TempHome::uid), 0);

    const auto rounds = home.round();

    CHECK(rounds.of(Target::ssh_dir).action == Action::repaired);
    CHECK(home.is_right());
}

TEST_CASE("while a .ssh is held its account can do nothing in it", "[takeover]") {
    TempHome home;
    const auto kernel = kernel_variant();
    const Handle dir{UniqueFd{open(home.path(".ssh").c_str(), O_PATH | O_CLOEXEC)}};
    const auto was = dir.observe();

    Hold hold{kernel, dir, was, {was.mode, was.owner, was.group}, frozen_mode};
    const auto held = home.look(".ssh");
    const auto failure = hold.release();

    CHECK(is_frozen(Observed{FileType::dir, held.mode, held.owner, held.group}));
    CHECK_FALSE(failure.has_value());
    CHECK(home.is_right());
}

TEST_CASE("a hold ends with its scope", "[takeover]") {
    TempHome home;
    const auto kernel = Kernel::detect();
    const Handle dir{UniqueFd{open(home.path(".ssh").c_str(), O_PATH | O_CLOEXEC)}};
    const auto was = dir.observe();

    { const Hold hold{kernel, dir, was, {was.mode, was.owner, was.group}, frozen_mode}; }

    CHECK(home.is_right());
}

TEST_CASE("ssh's own files are known by name", "[takeover]") {
    for (const auto* const name :
         {"authorized_keys", "authorized_keys2", "authorized_keys.bak", "known_hosts",
          "known_hosts.old", "id_ed25519", "id_rsa.pub", "config", "environment", "rc", "aws.pem"})
        CHECK(is_ssh_file_name(name));
    for (const auto* const name : {"", "shadow", "secret.txt", "passwd", "keys", ".config"})
        CHECK_FALSE(is_ssh_file_name(name));
}

namespace {

/// A uid that no account has, outside all ranges that others hand out.
constexpr uid_t dead = 60900;
constexpr uid_t third = 1; ///< somebody on every machine

/// A home that rounds have seen right.
struct SeenHome : TempHome {
    SeenHome() {
        kernel = kernel_variant();
        write(key, key_line('a'));
        round();
        REQUIRE(memory.has_seen(account()));
    }
    void give_all_to(uid_t owner) const {
        for (const auto* const below : {"", ".ssh", key})
            chown(below, owner, owner);
    }
};

} // namespace

TEST_CASE("what a wrong chown -R gave to another user is taken back when it is known",
          "[takeover]") {
    SeenHome home;
    home.give_all_to(third);

    home.round();

    CHECK(home.is_right());
}

TEST_CASE("a third user's key file with a key that is not known stays his", "[takeover]") {
    SeenHome home;
    home.give_all_to(third);
    home.write(key, key_line('m'));

    const auto rounds = home.round();

    CHECK(refusal(rounds.of(Target::authorized_keys)) == RefusalReason::foreign_owner);
    CHECK(home.look(key).owner == third);
    CHECK(home.look(".ssh").owner == TempHome::uid);
    CHECK(home.look("").owner == TempHome::uid);
}

TEST_CASE("a third user's objects that were never seen right stay his", "[takeover]") {
    SeenHome home;
    SECTION("a key file") {
        home.remove(key);
        home.write(key, key_line('a'));
        home.chown(key, third, third);

        CHECK(refusal(home.round().of(Target::authorized_keys)) == RefusalReason::foreign_owner);
        CHECK(home.look(key).owner == third);
    }
    SECTION("a .ssh") {
        home.remove(".ssh");
        REQUIRE(mkdir(home.path(".ssh").c_str(), 0700) == 0);
        home.chown(".ssh", third, third);

        CHECK(refusal(home.round().of(Target::ssh_dir)) == RefusalReason::foreign_owner);
        CHECK(home.look(".ssh").owner == third);
    }
    SECTION("everything, after it was forgotten") {
        home.memory.forget("alice");
        home.give_all_to(third);

        CHECK(refusal(home.round().of(Target::home)) == RefusalReason::foreign_owner);
        CHECK(home.look("").owner == third);
    }
}

TEST_CASE("an operator's word stands for the owner, not for what is in the file", "[takeover]") {
    SeenHome home;
    home.memory.forget("alice");
    home.memory.read_keys(home.account());
    home.give_all_to(third);
    home.word.take_ownership = true;
    SECTION("a key that nobody knows is closed") {
        home.round();
        CHECK(home.look(key).owner == TempHome::uid);
        CHECK(home.mode(key) == Mode{0});
        CHECK(home.mode("") == Mode{0700});
    }
    SECTION("unless the operator trusts it") {
        home.word.trust_content = sha256_fingerprint(key_line('a'));
        home.round();
        CHECK(home.is_right());
    }
    SECTION("no key file is given away") {
        home.write(key, "secret\n");
        home.round();
        CHECK(home.look(key).owner == third);
    }
}

TEST_CASE("a restored home of a uid that nobody has any more is given to its account",
          "[takeover]") {
    TempHome home;
    home.kernel = kernel_variant();
    home.write(key, key_line('a'));
    for (const auto* const below : {"", ".ssh", key})
        home.chown(below, dead, dead);
    SECTION("whole") {
        home.round();
        CHECK(home.is_right());
    }
    SECTION("not what somebody else owns in it") {
        home.chown(key, dead + 1, dead + 1);
        home.round();
        CHECK(home.look(key).owner == dead + 1);
    }
    SECTION("not when others could have written it") {
        home.open_up();
        CHECK(refusal(home.round().of(Target::home)) == RefusalReason::foreign_owner);
        CHECK(home.look("").owner == dead);
    }
    SECTION("not when others could have put it there") {
        REQUIRE(chmod(home.root().c_str(), 0777) == 0);
        CHECK(refusal(home.round().of(Target::home)) == RefusalReason::foreign_owner);
    }
    SECTION("not of a uid that a container may use") {
        for (const auto* const below : {"", ".ssh", key})
            home.chown(below, 61200, 61200);
        CHECK(refusal(home.round().of(Target::home)) == RefusalReason::foreign_owner);
    }
}

TEST_CASE("a chain of root's that lets its account log in is called managed", "[takeover]") {
    SeenHome home;
    home.chown("", 0, 0);
    home.chmod("", 0755);

    const auto rounds = home.round();

    CHECK(rounds.of(Target::home).managed);
    CHECK(rounds.of(Target::home).action == Action::none);
}

TEST_CASE("a .ssh that was the account's comes back from root whatever is in it", "[takeover]") {
    SeenHome home;
    home.write(".ssh/anything at all", "");
    home.chown(".ssh/anything at all", TempHome::uid, TempHome::gid);
    home.chown(".ssh", 0, 0);

    home.round();

    CHECK(home.is_right());
}

TEST_CASE("a directory of root's that may have been moved into a home's place stays root's",
          "[takeover]") {
    TempHome home;
    REQUIRE(chmod(home.root().c_str(), 0777) == 0);
    home.round(); // closes the home root
    home.chown("", 0, 0);

    const auto rounds = home.round();

    CHECK(refusal(rounds.of(Target::home)) == RefusalReason::root_owned_home);
    CHECK(home.look("").owner == 0);
    SECTION("until an operator says whose it is") {
        home.word.take_ownership = true;
        home.memory.forget("alice"); // and the keys are new to us
        home.round();
        CHECK(home.is_right());
    }
}

TEST_CASE("a home that was seen right comes back from root although the home root was open",
          "[takeover]") {
    SeenHome home;
    REQUIRE(chmod(home.root().c_str(), 0777) == 0);
    home.chown("", 0, 0);

    home.round();

    CHECK(home.is_right());
}
