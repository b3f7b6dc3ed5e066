// explain, keys and add-key with --root, on an image that was made to lead them out of it.
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "disk.hpp"
#include "files.hpp"
#include "process.hpp"
#include "ssh_server.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using namespace system_tests;

/// Of this machine's files; where it appears in an answer, one of them was read.
const std::string canary = "CANARY-5f0a";

/// Files of this machine that would make a good answer if anything led to them.
void plant_canaries() {
    const auto key = key_pair("client").line;
    const auto with_canary = key.substr(0, key.find(' ', key.find(' ') + 1)) + " " + canary + "\n";
    fs::create_directories("/srv/host/sshd_config.d");
    write_file("/srv/host/sshd_config", "AuthorizedKeysFile /srv/" + canary + "\n",
               {0644, disk_root});
    write_file("/srv/host/bad.conf", canary + " yes\n", {0644, disk_root});
    write_file("/srv/host/keys", with_canary, {0644, disk_root});
    write_file("/srv/host/passwd", canary + ":x:30001:30001::/home/alice:/bin/sh\n",
               {0644, disk_root});
    write_file("/etc/ssh/canary.conf", "AuthorizedKeysFile /srv/" + canary + "\n",
               {0644, disk_root});
    write_file("/srv/FILE.pub", key_pair("other").line, {0644, disk_root});
}

struct Trap {
    std::string what;
    std::function<void(const Disk&)> make;
};

void put_instead(const fs::path& place, const fs::path& target) {
    fs::remove_all(place);
    fs::create_symlink(target, place);
}

const std::vector<Trap>& traps() {
    static const std::string up = "../../../../../../../../..";
    static const std::vector<Trap> all{
        {"/etc/ssh is a link to a directory of this machine's",
         [](const Disk& disk) { put_instead(disk.at / "etc/ssh", "/srv/host"); }},
        {"/etc/ssh leads up to it",
         [](const Disk& disk) { put_instead(disk.at / "etc/ssh", up + "/srv/host"); }},
        {"/etc/ssh leads there by /proc",
         [](const Disk& disk) { put_instead(disk.at / "etc/ssh", "/proc/1/root/srv/host"); }},
        {"sshd_config is a link to this machine's",
         [](const Disk& disk) {
             put_instead(disk.at / "etc/ssh/sshd_config", "/srv/host/sshd_config");
         }},
        {"sshd_config leads up to it",
         [](const Disk& disk) {
             put_instead(disk.at / "etc/ssh/sshd_config", up + "/srv/host/sshd_config");
         }},
        {"sshd_config.d is a link",
         [](const Disk& disk) { put_instead(disk.at / "etc/ssh/sshd_config.d", up + "/etc/ssh"); }},
        {"an Include of a file of this machine's",
         [](const Disk& disk) { disk.configure("Include /srv/host/sshd_config\n"); }},
        {"an Include of one in /etc/ssh that only this machine has",
         [](const Disk& disk) { disk.configure("Include /etc/ssh/canary.conf\n"); }},
        {"an Include that leads up",
         [](const Disk& disk) { disk.configure("Include " + up + "/srv/host/sshd_config\n"); }},
        {"an Include of what sshd would quote",
         [](const Disk& disk) { disk.configure("Include /srv/host/bad.conf\n"); }},
        {"an Include of a link to what sshd would quote",
         [](const Disk& disk) {
             fs::create_symlink(up + "/srv/host/bad.conf",
                                disk.at / "etc/ssh/sshd_config.d/x.conf");
         }},
        {"an Include of /proc",
         [](const Disk& disk) { disk.configure("Include /proc/self/environ /proc/1/cmdline\n"); }},
        {"an Include of itself",
         [](const Disk& disk) { disk.configure("Include /etc/ssh/sshd_config\n"); }},
        {"an Include of what would be loaded into programs",
         [](const Disk& disk) {
             write_file(disk.at / "etc/ld.so.preload", "/etc/evil.so\n", {0644, disk_root});
             disk.configure("Include /etc/ld.so.preload\n");
         }},
        {"key files that lead up",
         [](const Disk& disk) { disk.configure("AuthorizedKeysFile " + up + "/srv/host/keys\n"); }},
        {"key files of this machine's",
         [](const Disk& disk) { disk.configure("AuthorizedKeysFile /srv/host/keys\n"); }},
        {"key files by /proc",
         [](const Disk& disk) {
             disk.configure("AuthorizedKeysFile /proc/1/root/srv/host/keys /proc/self/fd/0\n");
         }},
        {"a key file that is a link",
         [](const Disk& disk) { put_instead(disk.keys, "/srv/host/keys"); }},
        {"a .ssh that is a link",
         [](const Disk& disk) { put_instead(disk.ssh_dir, up + "/srv/host"); }},
        {"a home that is a link",
         [](const Disk& disk) { put_instead(disk.home, up + "/srv/host"); }},
        {"revoked keys of this machine's",
         [](const Disk& disk) { disk.configure("RevokedKeys " + up + "/srv/host/keys\n"); }},
        {"an account database that leads up",
         [](const Disk& disk) { put_instead(disk.at / "etc/passwd", up + "/srv/host/passwd"); }},
        {"an account database of this machine's",
         [](const Disk& disk) { put_instead(disk.at / "etc/passwd", "/srv/host/passwd"); }},
        {"an sshd_config that is a FIFO",
         [](const Disk& disk) {
             fs::remove(disk.at / "etc/ssh/sshd_config");
             REQUIRE(mkfifo((disk.at / "etc/ssh/sshd_config").c_str(), 0644) == 0);
         }},
        {"an sshd_config that is a device without an end",
         [](const Disk& disk) {
             fs::remove(disk.at / "etc/ssh/sshd_config");
             REQUIRE(mknod((disk.at / "etc/ssh/sshd_config").c_str(), S_IFCHR | 0644,
                           makedev(1, 5)) == 0);
         }},
        {"a key file that is a FIFO",
         [](const Disk& disk) {
             fs::remove(disk.keys);
             REQUIRE(mkfifo(disk.keys.c_str(), 0644) == 0);
         }},
        {"huge files",
         [](const Disk& disk) {
             const std::string much(std::size_t{9} << 20U, '#');
             disk.configure(much);
             write_file(disk.keys, much, {0600, disk_alice});
         }},
        {"ten thousand files",
         [](const Disk& disk) {
             for (int i = 0; i < 10'000; ++i)
                 write_file(disk.at / "etc/ssh/sshd_config.d" / (std::to_string(i) + ".conf"), "",
                            {0644, disk_root});
         }},
        {"programs of its own that sshd would run",
         [](const Disk& disk) {
             disk.configure("AuthorizedKeysCommand /usr/bin/sh\nAuthorizedKeysCommandUser root\n");
         }},
        {"a user whose name is an option, and words that reach a terminal",
         [](const Disk& disk) {
             write_file(disk.at / "etc/passwd",
                        read_file(disk.at / "etc/passwd") +
                            "-oX:x:30003:30003::/home/-oX:/\x1b[2J\n",
                        {0644, disk_root});
         }},
    };
    return all;
}

TEST_CASE("explain, keys and add-key read nothing of this machine's for an image", "[rescue]") {
    plant_canaries();
    for (const auto& trap : traps()) {
        const Disk disk{"ext4"};
        disk.give_sshd();
        trap.make(disk);
        const auto etc = state_of_etc();
        const auto host = snapshot("/srv/host");
        const auto state = is_there("/var/lib/sshpermd");
        for (const Arguments& words :
             {Arguments{"explain", "alice"}, Arguments{"explain", "--json", "-v", "alice"},
              Arguments{"explain", "--", "-oX"}, Arguments{"keys"},
              Arguments{"add-key", "--dry-run", "alice", "/srv/FILE.pub"},
              Arguments{"add-key", "alice", "/srv/FILE.pub"}}) {
            Arguments command{words.front(), "--root", disk.at};
            command.insert(command.end(), words.begin() + 1, words.end());
            const auto ended = ctl(command);
            INFO(trap.what << ": " << words.front() << "\n" << ended.out << ended.err);
            CHECK(ended.out.find(canary) == std::string::npos);
            CHECK(ended.err.find(canary) == std::string::npos);
            CHECK(ended.out.find('\x1b') == std::string::npos);
            CHECK(ended.status != 134); // nor does any of it end it
        }
        INFO(trap.what);
        CHECK(etc == state_of_etc());
        CHECK(differences(host, snapshot("/srv/host")) == "");
        CHECK(is_there("/var/lib/sshpermd") == state);
        CHECK_FALSE(is_there(disk.ran));
    }
    // The control: on this machine the same words do lead there.
    CHECK(read_file("/srv/disk/../host/keys").find(canary) != std::string::npos);
}

TEST_CASE("what lies outside of an image's /etc/ssh is no part of an answer", "[rescue]") {
    plant_canaries();
    const Disk disk{"ext4"};
    disk.give_sshd();
    const auto verdict = [&] {
        return Json::parse(ctl({"explain", "--json", "--root", disk.at, "alice"}).out)
            .at("verdict");
    };
    CHECK(verdict() == "accepted");
    SECTION("an Include elsewhere") {
        disk.configure("Include /srv/other.conf\n");
        CHECK(verdict() == "unknown");
    }
    SECTION("an Include of what is not there, in /etc/ssh") {
        disk.configure("Include /etc/ssh/canary.conf\n");
        CHECK(verdict() == "accepted");
    }
    SECTION("an Include of crypto-policies, as Red Hat's has it") {
        make_directory(disk.at / "etc/crypto-policies", {0755, disk_root});
        make_directory(disk.at / "etc/crypto-policies/back-ends", {0755, disk_root});
        write_file(disk.at / "usr/policy.txt", "PubkeyAcceptedAlgorithms rsa-sha2-512\n",
                   {0644, disk_root});
        fs::create_symlink("/usr/policy.txt",
                           disk.at / "etc/crypto-policies/back-ends/opensshserver.config");
        disk.configure("Include /etc/crypto-policies/back-ends/opensshserver.config\n");
        CHECK(verdict() == "refused");
    }
    SECTION("the list of revoked keys of this machine's") {
        disk.configure("RevokedKeys /srv/host/keys\n");
        const auto said = ctl({"explain", "--root", disk.at, "alice"}).out;
        CHECK(said.find("the list of revoked keys cannot be read") != std::string::npos);
    }
    SECTION("an Include of what programs would load") {
        write_file(disk.at / "etc/ld.so.preload", "/etc/ssh/evil.so\n", {0644, disk_root});
        disk.configure("Include /etc/ld.so.preload /etc/ssh/evil.so\n");
        CHECK(verdict() == "unknown");
    }
    SECTION("an account whose uid is no uid") {
        write_file(disk.at / "etc/passwd",
                   "root:x:0:0::/root:/bin/sh\n"
                   "alice:x:4294967295:30001::/home/alice:/bin/sh\n",
                   {0644, disk_root});
        CHECK(verdict() == "unknown"); // and root's rights are nobody's
    }
    SECTION("a FIFO, which is not even opened: of a device that may do something") {
        const auto config = disk.at / "etc/ssh/sshd_config";
        fs::remove(config);
        REQUIRE(mkfifo(config.c_str(), 0644) == 0);
        fs::remove("/srv/opened");
        const Process writer{
            {"sh", "-c", "exec 3> " + config.native() + "; touch /srv/opened; sleep 60"}};
        CHECK(verdict() == "unknown");
        CHECK_FALSE(is_there("/srv/opened"));
        must_run({"sh", "-c", "exec 3< " + config.native()}); // the control
        CHECK(eventually([] { return is_there("/srv/opened"); }));
    }
}

} // namespace
