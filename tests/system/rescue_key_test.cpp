// add-key --root: a key is let in on another machine's disk, by its own accounts.
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "disk.hpp"
#include "files.hpp"
#include "process.hpp"
#include "ssh_server.hpp"

#include <filesystem>
#include <string>

namespace {

namespace fs = std::filesystem;
using namespace system_tests;

const fs::path new_key = "/srv/new.pub";

void make_new_key() { write_file(new_key, key_pair("other").line, {0644, disk_root}); }

Ended add(const Disk& disk, const Arguments& more = {}) {
    Arguments command{"add-key", "--root", disk.at, "alice", new_key};
    command.insert(command.end(), more.begin(), more.end());
    return ctl(command);
}

std::string verdict_of_new_key(const Disk& disk) {
    const auto said = ctl({"explain", "--json", "--root", disk.at, "--key", new_key, "alice"});
    return Json::parse(said.out).at("verdict").get<std::string>();
}

TEST_CASE("a key file that is made on a disk with SELinux is to be labelled at its next boot",
          "[rescue]") {
    make_new_key();
    const Disk disk{"ext4"};
    disk.give_sshd();
    const bool has_selinux = GENERATE(true, false);
    make_directory(disk.at / "etc/selinux", {0755, disk_root});
    write_file(disk.at / "etc/selinux/config",
               has_selinux ? "SELINUX=enforcing\n" : "SELINUX=disabled\n", {0644, disk_root});
    fs::remove_all(disk.ssh_dir);
    CHECK(add(disk, {"--dry-run"}).status == 0);
    CHECK_FALSE(is_there(disk.at / ".autorelabel"));

    const auto ended = add(disk);

    CHECK(ended.status == 0);
    CHECK(is_there(disk.at / ".autorelabel") == has_selinux);
    CHECK((ended.out.find("a relabelling was requested") != std::string::npos) == has_selinux);
}

TEST_CASE("a key is let in on another machine's disk, where its sshd looks", "[rescue]") {
    make_new_key();
    const std::string file_system = GENERATE("ext4", "xfs");
    const Disk disk{file_system};
    disk.give_sshd();
    const auto etc = state_of_etc();
    CHECK(verdict_of_new_key(disk) == "refused");
    auto file = disk.keys;
    SECTION("in a file that is there") {
        CHECK(add(disk).status == 0);
        CHECK(read_file(file) == key_pair("client").line + key_pair("other").line);
    }
    SECTION("in the file that is configured") {
        disk.configure("AuthorizedKeysFile .ssh/authorized_keys2\n");
        file = disk.ssh_dir / "authorized_keys2";
        CHECK(add(disk).status == 0);
        CHECK(read_file(disk.keys) == key_pair("client").line);
    }
    SECTION("in a .ssh that was not there") {
        fs::remove_all(disk.ssh_dir);
        CHECK(add(disk).status == 0);
    }
    SECTION("in a chain that has to be repaired first") {
        own(disk.keys, disk_root);
        own(disk.ssh_dir, disk_root);
        CHECK(add(disk).status == 0);
    }
    SECTION("from standard input") {
        const auto ended = run({"sh", "-c",
                                sshpermctl() + " add-key --root " + disk.at.native() +
                                    " alice - <" + new_key.native()});
        CHECK(ended.status == 0);
    }
    CHECK(verdict_of_new_key(disk) == "accepted");
    CHECK(is(disk.home, {0700, disk_alice}));
    CHECK(is(disk.ssh_dir, {0700, disk_alice}));
    CHECK(is(file, {0600, disk_alice}));
    const auto again = add(disk);
    CHECK(again.status == 0);
    CHECK(again.out.find("already there: " + file.native()) != std::string::npos);
    CHECK(etc == state_of_etc());
    CHECK_FALSE(is_there("/var/lib/sshpermd/record"));
    CHECK_FALSE(is_there("/run/sshpermd"));
    CHECK_FALSE(is_there(disk.ran));
}

TEST_CASE("what add-key refuses on this machine it refuses on a disk, and changes nothing",
          "[rescue]") {
    make_new_key();
    const Disk disk{"ext4"};
    disk.give_sshd();
    const auto refuses = [&](int status, const std::string& part, const Arguments& more = {}) {
        const auto before = snapshot(disk.at);
        const auto ended = add(disk, more);
        INFO(ended.out << ended.err);
        CHECK(ended.status == status);
        CHECK((ended.out + ended.err).find(part) != std::string::npos);
        CHECK(differences(before, snapshot(disk.at)) == "");
    };
    SECTION("a dry run") { refuses(0, "would be added to " + disk.keys.native(), {"--dry-run"}); }
    SECTION("another's file") {
        own(disk.keys, disk_bob);
        refuses(1, "sshpermctl repair --root /srv/disk --take-ownership alice");
    }
    SECTION("a link") {
        fs::remove(disk.keys);
        fs::create_symlink("/srv/elsewhere", disk.keys);
        refuses(1, "not added");
    }
    SECTION("a file that sshd reads elsewhere") {
        disk.configure("AuthorizedKeysFile /srv/keys/%u\n");
        refuses(1, "which is not in the account's .ssh");
    }
    SECTION("no keys at all") {
        disk.configure("PubkeyAuthentication no\n");
        refuses(1, "sshd takes nobody's keys");
    }
    SECTION("a configuration that nobody can read") {
        disk.configure("Bogus CANARY\n");
        refuses(5, "cannot tell which file its sshd reads");
    }
    SECTION("mounted read-only") {
        must_run({"mount", "-o", "remount,ro", disk.at});
        refuses(5, "mounted read-only, nothing was changed: mount -o remount,rw /srv/disk");
    }
    SECTION("somebody else is at it") {
        const Process other{{"flock", disk.at, "sleep", "60"}};
        CHECK(eventually([&] { return run({"flock", "-n", disk.at, "true"}).status != 0; }));
        refuses(5, "another sshpermctl repairs");
    }
    SECTION("a user that it has not") {
        const auto ended = ctl({"add-key", "--root", disk.at, "alcie", new_key});
        CHECK(ended.status == 5);
        CHECK(ended.err.find("in /srv/disk/etc/passwd; did you mean alice") != std::string::npos);
    }
    SECTION("whoever asks is not root") {
        const auto ended = run({sshpermctl(), "add-key", "--root", disk.at, "alice", new_key},
                               Identity{30001, 30001});
        CHECK(ended.status == 4);
        CHECK(ended.err.find("add-key needs root") != std::string::npos);
    }
    SECTION("no key") {
        write_file(new_key, "nothing\n", {0644, disk_root});
        refuses(1, "there is no public key in it");
    }
}

TEST_CASE("a --root that is none is said in a word, by every command that has it", "[rescue]") {
    make_new_key();
    const auto says = [](const Arguments& words, const std::string& root, int status,
                         const std::string& part) {
        Arguments command{words.front(), "--root", root};
        command.insert(command.end(), words.begin() + 1, words.end());
        const auto ended = ctl(command);
        INFO(words.front() << " --root " << root << ": " << ended.out << ended.err);
        CHECK(ended.status == status);
        CHECK(ended.out.empty());
        CHECK(ended.err.find(part) != std::string::npos);
    };
    make_directory("/srv/shut", {0700, disk_root});
    make_directory("/srv/shut/inside", {0700, disk_root});
    for (const Arguments& words :
         {Arguments{"check"}, Arguments{"repair"}, Arguments{"explain", "alice"}, Arguments{"keys"},
          Arguments{"add-key", "alice", new_key}}) {
        says(words, "/srv/nothing", 5, "mount the root volume");
        says(words, "/etc/passwd", 5, "Not a directory");
        says(words, "/", 5, "this machine's own root: leave --root out");
        says(words, "/srv", 5, "no etc/passwd in it");
        says(words, "/proc", 5, "not the file system of a local disk");
        says(words, "srv/disk", 2, "depends on where you are");
        says(words, "", 2, "needs DIR");
    }
    const auto shut = run({sshpermctl(), "keys", "--root", "/srv/shut/inside"}, {30001, 30001});
    CHECK(shut.status == 4);
    for (const Arguments& words : {Arguments{"status"}, Arguments{"undo"}, Arguments{"users"},
                                   Arguments{"check-key", new_key}})
        says(words, "/srv", 2, "--root is for check, repair, explain, keys and add-key");
}

} // namespace
