// Rescue: check and repair with --root, on the root volume of another machine. Real file systems on
// loop devices; whoever could write them is hostile.
#include "accounts.hpp"
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "disk.hpp"
#include "files.hpp"
#include "process.hpp"
#include "ssh_server.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using namespace system_tests;

constexpr auto root = disk_root;
constexpr auto alice = disk_alice;
constexpr auto bob = disk_bob;

Ended repair(const Disk& disk) { return ctl({"repair", "--root", disk.at}); }

void check_whole(const Disk& disk) {
    CHECK(is(disk.at / "home", {0755, root}));
    CHECK(is(disk.home, {0700, alice}));
    CHECK(is(disk.ssh_dir, {0700, alice}));
    CHECK(is(disk.keys, {0600, alice}));
}

struct Damage {
    std::string what;
    std::function<void(const Disk&)> make;
};

const std::vector<Damage>& damages() {
    static const std::vector<Damage> all{
        {"everything open",
         [](const Disk& disk) {
             set_mode(disk.home, 0777);
             set_mode(disk.ssh_dir, 0777);
             set_mode(disk.keys, 0666);
         }},
        {"everything shut",
         [](const Disk& disk) {
             set_mode(disk.keys, 0);
             set_mode(disk.ssh_dir, 0);
             set_mode(disk.home, 0);
         }},
        {"everything root's and shut",
         [](const Disk& disk) {
             for (const auto& path : {disk.keys, disk.ssh_dir, disk.home}) {
                 own(path, root);
                 set_mode(path, 0);
             }
         }},
        {"a key file copied by root",
         [](const Disk& disk) {
             own(disk.keys, root);
             set_mode(disk.keys, 0644);
         }},
        {"a .ssh made by root", [](const Disk& disk) { own(disk.ssh_dir, root); }},
        {"an open home root", [](const Disk& disk) { set_mode(disk.at / "home", 0777); }},
        {"a home root of a user's", [](const Disk& disk) { own(disk.at / "home", bob); }},
        {"a home that a group may write", [](const Disk& disk) { set_mode(disk.home, 0775); }},
        {"a wrong group",
         [](const Disk& disk) {
             own(disk.keys, {alice.uid, bob.gid});
         }},
        {"a uid that nobody has any more",
         [](const Disk& disk) {
             for (const auto& path : {disk.keys, disk.ssh_dir, disk.home})
                 own(path, {1005, 1005});
         }},
    };
    return all;
}

TEST_CASE("what is broken on another machine's disk is found and repaired by its own accounts",
          "[rescue]") {
    const std::string file_system = GENERATE("ext4", "xfs");
    for (const auto& damage : damages()) {
        const Disk disk{file_system};
        damage.make(disk);
        const auto before = snapshot(disk.at / "home");
        INFO(file_system << ": " << damage.what);

        CHECK(ctl({"check", "--root", disk.at}).status == 1);
        const auto shown = ctl({"repair", "--root", disk.at, "--dry-run"});
        CHECK(shown.status == 1);
        CHECK(differences(before, snapshot(disk.at / "home")) == "");

        const auto ended = repair(disk);
        INFO(ended.out << ended.err);
        CHECK(ended.status == 0);
        check_whole(disk);
        CHECK(repair(disk).status == 0);
        CHECK(ctl({"check", "--root", disk.at}).status == 0);
        CHECK_FALSE(is_there("/var/lib/sshpermd/record"));
    }
}

TEST_CASE("it is told by the names and paths under which it is found here", "[rescue]") {
    const Disk disk{"ext4"};
    set_mode(disk.keys, 0666);

    const auto findings =
        Json::parse(ctl({"repair", "--root", disk.at.native() + "/", "--json", "alice"}).out)
            .at("findings");

    const auto& last = findings.back();
    INFO(last.dump(2));
    CHECK(last.at("user") == "alice");
    CHECK(last.at("path") == disk.keys.native());
    CHECK(last.at("action") == "repaired");
    CHECK(last.at("observed").at("owner").at("name") == "alice");
    CHECK(ctl({"repair", "--root", disk.at, "root"}).err.find("root") != std::string::npos);
}

TEST_CASE("nothing in an image leads out of it", "[rescue]") {
    Accounts accounts;
    const auto victim = accounts.add("victim"); // of this machine
    set_mode(victim.home, 0777);
    const Disk disk{"ext4"};
    const auto passwd_line = "victim:x:" + std::to_string(victim.uid) + ":" +
                             std::to_string(victim.gid) + "::/home/victim:/bin/sh\n";
    write_file(disk.at / "etc/passwd", read_file(disk.at / "etc/passwd") + passwd_line,
               {0644, root});
    const auto before = snapshot("/home");

    SECTION("a home that is a link") {
        fs::create_symlink("/home/victim", disk.at / "home/victim");
        CHECK(ctl({"repair", "--root", disk.at, "victim"}).status == 1);
    }
    SECTION("a home root that is root's absolute link") {
        fs::rename(disk.at / "home", disk.at / "real");
        fs::create_symlink("/real", disk.at / "home");
        set_mode(disk.at / "real/alice", 0777);
        CHECK(repair(disk).status == 0);
        CHECK(mode_of(disk.at / "real/alice") == 0700);
    }
    SECTION("a home root that is a link upwards") {
        fs::remove_all(disk.at / "home");
        fs::create_symlink("../../../../../../../home", disk.at / "home");
        repair(disk);
    }
    SECTION("an account database that is a link upwards") {
        fs::rename(disk.at / "etc/passwd", disk.at / "srv/passwd");
        fs::create_symlink("../../../../../../srv/passwd", disk.at / "etc/passwd");
        set_mode(disk.home, 0777);
        CHECK(repair(disk).status == 0);
        CHECK(mode_of(disk.home) == 0700);
    }
    SECTION("an account database that is this machine's") {
        fs::remove(disk.at / "etc/passwd");
        fs::create_symlink("/proc/1/root/etc/passwd", disk.at / "etc/passwd");
        CHECK(repair(disk).err.find("no etc/passwd in it") != std::string::npos);
    }

    CHECK(differences(before, snapshot("/home")) == "");
    // The control: by its path it is this machine's home that changes.
    CHECK(mode_of("/home/victim") == 0777);
    if (is_there(disk.at / "home/victim")) {
        must_run({"chmod", "0700", disk.at / "home/victim"});
        CHECK(mode_of("/home/victim") == 0700);
    }
}

TEST_CASE("what must not change hands here must not there", "[rescue]") {
    const Disk disk{"ext4"};
    write_file(disk.at / "etc/shadow", "root:secret:1::::::\n", {0640, root});
    fs::remove(disk.keys);

    SECTION("a hard link to a file of root's") {
        fs::create_hard_link(disk.at / "etc/shadow", disk.keys);
    }
    SECTION("a link") { fs::create_symlink("../../../etc/shadow", disk.keys); }
    SECTION("root's, and no key file") {
        write_file(disk.keys, "root:secret:1::::::\n", {0640, root});
    }
    SECTION("another account's") { write_file(disk.keys, key_pair("client").line, {0600, bob}); }

    const auto ended = ctl({"repair", "--root", disk.at, "alice"});
    INFO(ended.out << ended.err);
    CHECK(ended.status == 1);
    CHECK(is(disk.at / "etc/shadow", {0640, root}));
    CHECK_FALSE((!fs::is_symlink(disk.keys) && owner_of(disk.keys) == alice));
}

TEST_CASE("homes that its sshd may want to be root's are left to root", "[rescue]") {
    const Disk disk{"ext4"};
    make_directory(disk.at / "etc/ssh", {0755, root});
    make_directory(disk.at / "etc/ssh/sshd_config.d", {0755, root});
    write_file(disk.at / "etc/ssh/sshd_config", "Include /etc/ssh/sshd_config.d/*.conf\n",
               {0644, root});
    own(disk.home, root);
    SECTION("its configuration has no such word") {
        CHECK(repair(disk).status == 0);
        CHECK(owner_of(disk.home) == alice);
    }
    SECTION("a part of it has") {
        write_file(disk.at / "etc/ssh/sshd_config.d/10-sftp.conf",
                   "Match User alice\n  ChrootDirectory %h\n", {0644, root});
        repair(disk);
        CHECK(owner_of(disk.home) == root);
    }
    SECTION("it includes what is not looked for") {
        write_file(disk.at / "etc/ssh/sshd_config", "Include /srv/sshd.conf\n", {0644, root});
        repair(disk);
        CHECK(owner_of(disk.home) == root);
    }
}

TEST_CASE("where SELinux wants labels and a file has none, a relabelling is requested",
          "[rescue]") {
    const Disk disk{"ext4"};
    const auto request = disk.at / ".autorelabel";
    const auto label = [](const fs::path& path) {
        must_run({"python3", "-c",
                  "import os, sys; os.setxattr(sys.argv[1], 'security.selinux', "
                  "b'unconfined_u:object_r:ssh_home_t:s0\\0')",
                  path});
    };
    const auto relabel_of = [&](Arguments more) {
        Arguments words{"repair", "--root", disk.at, "--json"};
        words.insert(words.end(), more.begin(), more.end());
        return Json::parse(ctl(words).out).value("relabel", std::string{});
    };
    make_directory(disk.at / "etc/selinux", {0755, root});
    const auto selinux = [&](const std::string& mode) {
        write_file(disk.at / "etc/selinux/config", "# SELINUX=\nSELINUX=" + mode + "\n",
                   {0644, root});
    };
    selinux("enforcing");
    set_mode(disk.keys, 0644 | 0022);

    SECTION("of a file that has none") {
        CHECK(relabel_of({"--dry-run"}) == "would_request");
        CHECK_FALSE(is_there(request));
        const auto ended = repair(disk);
        CHECK(ended.status == 0);
        CHECK(ended.out.find("a relabelling was requested") != std::string::npos);
        CHECK(is(request, {0644, root}));
        CHECK(fs::file_size(request) == 0);
        CHECK(relabel_of({}).empty()); // nothing was changed
        set_mode(disk.keys, 0666);
        CHECK(relabel_of({}) == "already_requested");
    }
    SECTION("not where it has one") {
        label(disk.keys);
        CHECK(relabel_of({}).empty());
        CHECK_FALSE(is_there(request));
    }
    SECTION("not where SELinux is off, or there is none") {
        selinux("disabled");
        CHECK(relabel_of({}).empty());
        set_mode(disk.keys, 0666);
        fs::remove_all(disk.at / "etc/selinux");
        CHECK(relabel_of({}).empty());
        CHECK_FALSE(is_there(request));
    }
    SECTION("never over what has the name and is somebody's, or leads elsewhere") {
        const bool is_link = GENERATE(true, false);
        if (is_link)
            fs::create_symlink("/srv/elsewhere", request);
        else
            write_file(request, "bob's", {0644, bob});
        const auto ended = repair(disk);
        CHECK(ended.status == 5);
        CHECK(ended.err.find(".autorelabel") != std::string::npos);
        CHECK_FALSE(is_there("/srv/elsewhere"));
        CHECK(is_link == fs::is_symlink(request));
    }
    check_whole(disk);
}

TEST_CASE("what is no image, or cannot be worked on, is said and left alone", "[rescue]") {
    const auto complaint = [](const std::string& path) {
        const auto ended = ctl({"repair", "--root", path});
        CHECK(ended.status == 5);
        CHECK(ended.out.empty());
        return ended.err;
    };
    const auto says = [](const std::string& text, const std::string& part) {
        INFO(text);
        CHECK(text.find(part) != std::string::npos);
    };
    says(complaint("/srv/nothing"), "No such file or directory; mount the root volume");
    says(complaint("/etc/passwd"), "Not a directory");
    says(complaint("/"), "this machine's own root: leave --root out");
    says(complaint("/srv"), "no etc/passwd in it");

    const Disk disk{"ext4"};
    set_mode(disk.home, 0777);
    const auto before = snapshot(disk.at);
    SECTION("mounted read-only") {
        must_run({"mount", "-o", "remount,ro", disk.at});
        says(complaint(disk.at), "mounted read-only, nothing was changed: mount -o remount,rw");
        CHECK(ctl({"check", "--root", disk.at}).status == 1);
    }
    SECTION("somebody else is at it") {
        const Process other{{"flock", disk.at, "sleep", "60"}};
        CHECK(eventually([&] { return run({"flock", "-n", disk.at, "true"}).status != 0; }));
        says(complaint(disk.at), "another sshpermctl repairs");
    }
    SECTION("no root of its own") {
        own(disk.at, alice);
        CHECK(ctl({"repair", "--root", disk.at}).out.find("unsafe_root") != std::string::npos);
        own(disk.at, root);
    }
    SECTION("an account database that is no file, or larger than any") {
        const auto passwd = disk.at / "etc/passwd";
        const auto text = read_file(passwd);
        fs::remove(passwd);
        REQUIRE(mkfifo(passwd.c_str(), 0644) == 0);
        says(complaint(disk.at), "no etc/passwd in it");
        fs::remove(passwd);
        write_file(passwd, text + std::string(std::size_t{9} << 20U, '#'), {0644, root});
        says(complaint(disk.at), "no etc/passwd in it");
        fs::remove(passwd);
        CHECK(differences(snapshot(disk.at / "home"), snapshot(disk.at / "home")) == "");
        CHECK(mode_of(disk.home) == 0777);
        return;
    }
    CHECK(differences(before, snapshot(disk.at)) == "");
}

} // namespace
