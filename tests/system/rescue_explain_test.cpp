// explain --root and keys --root: what keeps people off a machine, told from its disk.
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "disk.hpp"
#include "files.hpp"
#include "process.hpp"
#include "ssh_server.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using namespace system_tests;

struct Explained {
    Json document;
    int status = 0;
    std::string because() const {
        return document.at("because").is_string() ? document.at("because").get<std::string>() : "";
    }
    std::string verdict() const { return document.at("verdict").get<std::string>(); }
};

Explained explained(const Disk& disk, const Arguments& arguments = {"alice"}) {
    Arguments command{sshpermctl(), "explain", "--json", "--root", disk.at};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const auto ended = run(command);
    INFO(ended.out << ended.err);
    Explained result{Json::parse(ended.out), ended.status};
    const auto verdict = result.verdict();
    CHECK(result.status == (verdict == "accepted" ? 0 : verdict == "refused" ? 1 : 5));
    CHECK(result.document.at("log").empty());
    CHECK_FALSE(is_there(disk.ran));
    return result;
}

/// Every command is for the image, or about no machine at all.
void check_advice(const Disk& disk, const Json& document) {
    for (const auto& check : document.at("checks")) {
        if (!check.at("fix").is_string())
            continue;
        const auto fix = check.at("fix").get<std::string>();
        INFO(check.dump(1));
        CHECK((fix.find(disk.at) != std::string::npos || fix.starts_with("ssh-keygen -t ")));
        CHECK(fix.find("systemctl") == std::string::npos);
    }
}

std::string first_fix(const Json& document) {
    for (const auto& check : document.at("checks"))
        if (check.at("summary") == document.at("because") && check.at("fix").is_string()) {
            auto fix = check.at("fix").get<std::string>();
            if (const std::string name = "sshpermctl "; fix.starts_with(name))
                fix = sshpermctl() + " " + fix.substr(name.size());
            return fix;
        }
    return {};
}

/// Without what a narrow screen breaks.
std::string joined(const std::string& text) {
    std::istringstream words{text};
    std::string line;
    for (std::string word; words >> word;)
        line += (line.empty() ? "" : " ") + word;
    return line;
}

struct Damage {
    std::string what;
    std::function<void(const Disk&)> make;
    std::string because; ///< is in what is said first
};

const std::vector<Damage>& damages() {
    static const std::vector<Damage> all{
        {"an open home", [](const Disk& disk) { set_mode(disk.home, 0777); },
         "/home/alice is 0777"},
        {"a home that its group may write", [](const Disk& disk) { set_mode(disk.home, 0775); },
         "/home/alice is 0775"},
        {"an open .ssh", [](const Disk& disk) { set_mode(disk.ssh_dir, 0777); },
         "/home/alice/.ssh is 0777"},
        {"an open key file", [](const Disk& disk) { set_mode(disk.keys, 0666); },
         "/home/alice/.ssh/authorized_keys is 0666"},
        {"a key file that its group may write", [](const Disk& disk) { set_mode(disk.keys, 0660); },
         "/home/alice/.ssh/authorized_keys is 0660"},
        {"a key file with an ACL",
         [](const Disk& disk) {
             must_run({"setfacl", "-m", "u:30002:rw", disk.keys});
         },
         "with an ACL"},
        {"a shut key file", [](const Disk& disk) { set_mode(disk.keys, 0); },
         "alice may not read it"},
        {"a shut .ssh", [](const Disk& disk) { set_mode(disk.ssh_dir, 0); },
         "/home/alice/.ssh is 0000"},
        {"a shut home", [](const Disk& disk) { set_mode(disk.home, 0); }, "/home/alice is 0000"},
        {"a key file of root's", [](const Disk& disk) { own(disk.keys, disk_root); },
         "/home/alice/.ssh/authorized_keys is 0600 and root's"},
        {"a .ssh of root's", [](const Disk& disk) { own(disk.ssh_dir, disk_root); },
         "/home/alice/.ssh is 0700 and root's"},
        {"a home of root's", [](const Disk& disk) { own(disk.home, disk_root); },
         "/home/alice is 0700 and root's"},
        {"all of a uid that nobody has any more",
         [](const Disk& disk) {
             for (const auto& path : {disk.keys, disk.ssh_dir, disk.home})
                 own(path, {1005, 1005});
         },
         "/home/alice is 0700 and 1005's"},
    };
    return all;
}

TEST_CASE("what keeps a user off another machine is said, and is over when it is repaired",
          "[rescue]") {
    const std::string file_system = GENERATE("ext4", "xfs");
    for (const auto& damage : damages()) {
        const Disk disk{file_system};
        disk.give_sshd();
        CHECK(explained(disk).verdict() == "accepted");
        damage.make(disk);
        const auto before = snapshot(disk.at);
        INFO(file_system << ": " << damage.what);

        const auto broken = explained(disk);

        INFO(broken.document.dump(1));
        CHECK(broken.verdict() == "refused");
        CHECK(broken.because().find(damage.because) != std::string::npos);
        check_advice(disk, broken.document);
        CHECK(differences(before, snapshot(disk.at)) == "");
        const auto ended = ctl({"repair", "--root", disk.at});
        INFO(ended.out << ended.err);
        CHECK(ended.status == 0);
        CHECK(explained(disk).verdict() == "accepted");
    }
}

struct Trouble {
    std::string what;
    std::function<void(const Disk&)> make;
};

TEST_CASE("the commands that are advised for another machine's disk help, and touch no other",
          "[rescue]") {
    const auto edit_shadow = [](const std::string& line) {
        return [line](const Disk& disk) {
            write_file(disk.at / "etc/shadow", line + "\n", {0640, disk_root});
        };
    };
    const std::vector<Trouble> troubles{
        {"an open home", [](const Disk& disk) { set_mode(disk.home, 0777); }},
        {"a home of root's", [](const Disk& disk) { own(disk.home, disk_root); }},
        {"no key file", [](const Disk& disk) { fs::remove(disk.keys); }},
        {"a directory as key file",
         [](const Disk& disk) {
             fs::remove(disk.keys);
             make_directory(disk.keys, {0700, disk_alice});
         }},
        {"nologin",
         [](const Disk& disk) {
             write_file(disk.at / "etc/nologin", "", {0644, disk_root});
         }},
        {"locked", edit_shadow("alice:!:19000:0:99999:7:::")},
        {"expired", edit_shadow("alice:*:19000:0:99999:7::100:")},
        {"no shell",
         [](const Disk& disk) {
             write_file(disk.at / "etc/passwd",
                        "root:x:0:0:root:/root:/bin/sh\n"
                        "alice:x:30001:30001::/home/alice:/bin/none\n",
                        {0644, disk_root});
         }},
        {"keys elsewhere, which all may write",
         [](const Disk& disk) {
             make_directory(disk.at / "srv/keys", {0777, disk_root});
             fs::rename(disk.keys, disk.at / "srv/keys/alice");
             fs::create_directory_symlink("/srv/keys", disk.at / "srv/link");
             disk.configure("AuthorizedKeysFile /srv/link/%u\n");
         }},
        {"keys elsewhere, of another",
         [](const Disk& disk) {
             make_directory(disk.at / "srv/keys", {0755, disk_bob});
             fs::rename(disk.keys, disk.at / "srv/keys/alice");
             disk.configure("AuthorizedKeysFile /srv/keys/%u\n");
         }},
    };
    for (const auto& trouble : troubles) {
        const Disk disk{"ext4"};
        disk.give_sshd();
        trouble.make(disk);
        write_file("/srv/FILE.pub", key_pair("client").line, {0644, disk_root});
        const auto etc = state_of_etc();
        std::string fixes;
        INFO(trouble.what);
        for (int steps = 0; steps < 5; ++steps) {
            const auto answer = explained(disk);
            check_advice(disk, answer.document);
            if (answer.verdict() == "accepted")
                break;
            const auto fix = first_fix(answer.document);
            const auto ended = run({"sh", "-c", "cd /srv && " + fix});
            fixes += answer.because() + ": " + fix + "\n" + ended.out + ended.err;
        }
        INFO(fixes);
        CHECK_FALSE(fixes.empty());
        CHECK(explained(disk).verdict() == "accepted");
        CHECK(etc == state_of_etc());
    }
}

TEST_CASE("sshd's configuration on a disk is told by the accounts on that disk", "[rescue]") {
    const Disk disk{"ext4"};
    disk.give_sshd();
    write_file(disk.at / "etc/group", "root:x:0:\nalice:x:30001:\nbob:x:30002:\nteam:x:30009:bob\n",
               {0644, disk_root});
    SECTION("a Match of a user") {
        disk.configure("Match User alice\n  PubkeyAuthentication no\n");
        CHECK(explained(disk).because().find("PubkeyAuthentication no") != std::string::npos);
        CHECK(explained(disk, {"bob"}).verdict() == "accepted");
    }
    SECTION("a Match of a group that only the disk has") {
        disk.configure("Match Group team\n  AuthorizedKeysFile /srv/keys/%u\n");
        CHECK(explained(disk).verdict() == "accepted");
        CHECK(explained(disk, {"bob"}).because().find("no /srv/keys") != std::string::npos);
        const auto listed = Json::parse(ctl({"keys", "--json", "--root", disk.at}).out);
        std::vector<std::string> paths;
        for (const auto& file : listed.at("files"))
            paths.push_back(file.at("path"));
        CHECK(paths == std::vector<std::string>{"/home/alice/.ssh/authorized_keys",
                                                "/home/alice/.ssh/authorized_keys2",
                                                "/srv/keys/bob"});
    }
    SECTION("a group that may read the keys") {
        make_directory(disk.at / "srv/keys", {0750, {0, 30009}});
        write_file(disk.at / "srv/keys/bob", key_pair("client").line, {0640, {0, 30009}});
        fs::copy_file(disk.at / "srv/keys/bob", disk.at / "srv/keys/alice");
        disk.configure("AuthorizedKeysFile /srv/keys/%u\n");
        CHECK(explained(disk, {"bob"}).verdict() == "accepted");
        CHECK(explained(disk).because().find("alice may not search it") != std::string::npos);
    }
    SECTION("DenyGroups") {
        disk.configure("DenyGroups team\n");
        CHECK(explained(disk).verdict() == "accepted");
        CHECK(explained(disk, {"bob"}).because().find("DenyGroups") != std::string::npos);
    }
    SECTION("a directory service may know more") {
        write_file(disk.at / "etc/nsswitch.conf", "passwd: files sss\ngroup: files sss\n",
                   {0644, disk_root});
        CHECK(explained(disk, {"carol"}).verdict() == "unknown");
        disk.configure("DenyGroups team\n");
        CHECK(explained(disk).verdict() == "unknown");
    }
    SECTION("a Match of the client") {
        disk.configure("Match Address 10.0.0.0/8\n  PubkeyAuthentication no\n");
        CHECK(explained(disk).verdict() == "unknown");
        CHECK(explained(disk, {"alice", "--from", "10.1.2.3"}).verdict() == "refused");
        CHECK(explained(disk, {"alice", "--from", "192.0.2.1"}).verdict() == "accepted");
    }
    SECTION("revoked keys, as a list and as a KRL") {
        write_file("/srv/client.pub", key_pair("client").line, {0644, disk_root});
        fs::copy_file("/srv/client.pub", disk.at / "srv/revoked");
        disk.configure("RevokedKeys /srv/revoked\n");
        CHECK(explained(disk).because().find("the key is revoked") != std::string::npos);
        must_run({"ssh-keygen", "-q", "-k", "-f", disk.at / "srv/krl", "/srv/client.pub"});
        disk.configure("RevokedKeys /srv/krl\n");
        CHECK(explained(disk).because().find("the key is revoked") != std::string::npos);
        write_file("/srv/other.pub", key_pair("other").line, {0644, disk_root});
        must_run({"ssh-keygen", "-q", "-k", "-f", disk.at / "srv/krl", "/srv/other.pub"});
        const auto other = explained(disk);
        INFO(other.document.dump(1));
        CHECK(other.verdict() == "accepted");
    }
    CHECK_FALSE(is_there(disk.ran));
}

TEST_CASE("what cannot be told of a disk is said, and is no guess", "[rescue]") {
    const Disk disk{"ext4"};
    disk.give_sshd();
    const auto says = [&](const Arguments& arguments, int status, const std::string& part) {
        const auto ended = ctl(arguments);
        INFO(ended.out << ended.err);
        CHECK(ended.status == status);
        CHECK(joined(ended.out + ended.err).find(part) != std::string::npos);
    };
    SECTION("a keyword that this machine's sshd does not know, in nobody's words") {
        disk.configure("PermitRootLogin no\nBogusKeyword CANARY\n");
        says({"explain", "--root", disk.at, "alice"}, 5, "does not know the keyword in line 2 of");
        says({"keys", "--root", disk.at}, 5, "these are its usual ones: this machine's sshd");
        CHECK(ctl({"explain", "--root", disk.at, "alice"}).out.find("Bogus") == std::string::npos);
    }
    SECTION("an argument that it does not take") {
        disk.configure("StrictModes CANARY\n");
        says({"explain", "--root", disk.at, "alice"}, 5, "cannot use line 1 of");
        CHECK(ctl({"explain", "--root", disk.at, "alice"}).out.find("CANARY") == std::string::npos);
    }
    SECTION("there is no sshd on this machine") {
        must_run({"mount", "--bind", "/dev/null", "/usr/sbin/sshd"});
        says({"explain", "--root", disk.at, "alice"}, 5, "this machine has no sshd");
        says({"add-key", "--root", disk.at, "alice", key_pair("client").secret.native() + ".pub"},
             5, "this machine has no sshd");
        must_run({"umount", "/usr/sbin/sshd"});
        CHECK(explained(disk).verdict() == "accepted");
    }
    SECTION("its homes are in another volume") {
        write_file(disk.at / "etc/fstab", "UUID=1 / ext4 defaults 0 1\nUUID=2 /home xfs x 0 2\n",
                   {0644, disk_root});
        set_mode(disk.home, 0777);
        says({"explain", "--root", disk.at, "alice"}, 5,
             "which is to be mounted at /srv/disk/home");
        must_run({"mount", "--bind", disk.at / "home", disk.at / "home"});
        says({"explain", "--root", disk.at, "alice"}, 1, "/home/alice is 0777");
        must_run({"umount", disk.at / "home"});
    }
    SECTION("whoever asks is not root") {
        const auto ended =
            run({sshpermctl(), "explain", "--root", disk.at, "alice"}, Identity{30002, 30002});
        INFO(ended.out << ended.err);
        CHECK(ended.status == 5);
        CHECK(ended.out.find("only root can have sshd read") != std::string::npos);
    }
    SECTION("its sshd is of another version") {
        write_file(disk.at / "usr/sbin/sshd", "OpenSSH_6.6.1* OpenSSH_7.4p1", {0755, disk_root});
        says({"explain", "--root", disk.at, "alice"}, 0,
             "answered for the image's, OpenSSH 7: what is not configured may differ");
    }
    SECTION("it has no sshd, or no configuration of it") {
        fs::remove(disk.at / "etc/ssh/sshd_config");
        CHECK(explained(disk).because() == "sshd has no configuration");
        fs::remove(disk.at / "usr/sbin/sshd");
        CHECK(explained(disk).because() == "there is no sshd");
    }
    SECTION("nobody of that name") {
        CHECK(explained(disk, {"alicia"}).because().find("did you mean alice") !=
              std::string::npos);
        says({"keys", "--root", disk.at, "alicia"}, 5,
             "in /srv/disk/etc/passwd; did you mean alice");
        says({"check", "--root", disk.at, "alicia"}, 5, "did you mean alice");
    }
    CHECK_FALSE(is_there(disk.ran));
}

TEST_CASE("only a running machine's own matters are left out, in one line", "[rescue]") {
    const Disk disk{"ext4"};
    disk.give_sshd();
    const auto document = explained(disk).document;
    std::vector<std::string> names;
    for (const auto& check : document.at("checks"))
        names.push_back(check.at("check"));
    const auto has = [&](const std::string& name) {
        return std::find(names.begin(), names.end(), name) != names.end();
    };
    INFO(document.dump(1));
    for (const auto* const name : {"running", "listening", "load", "memory", "processes"})
        CHECK_FALSE(has(name));
    for (const auto* const name :
         {"image", "sshd", "config", "account", "locked", "expired", "shell", "nologin", "key_file",
          "key", "disk", "host_keys", "console", "mounts", "session_manager"})
        CHECK(has(name));
    const auto text = ctl({"explain", "--root", disk.at, "alice"});
    CHECK(joined(text.out).find("note an image: what only a running machine has") !=
          std::string::npos);
}

TEST_CASE("a full disk is the other machine's", "[rescue]") {
    const Disk disk{"ext4"};
    disk.give_sshd();
    run({"dd", "if=/dev/zero", "of=" + (disk.at / "var/full").native(), "bs=1M"});
    const auto document = explained(disk).document;
    for (const auto& check : document.at("checks"))
        if (check.at("check") == "disk") {
            CHECK(check.at("summary") == "/ is full");
            CHECK(check.at("fix").get<std::string>().starts_with("du -xh /srv/disk"));
        }
}

} // namespace
