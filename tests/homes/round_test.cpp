// Whole rounds on real homes: what is repaired, what is refused, and what stays as it is.

#include "catch.hpp"
#include "temp_home.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <map>

using namespace sshpermd;

namespace {

constexpr const char* key = ".ssh/authorized_keys";

RefusalReason refusal(const Report& report) {
    REQUIRE(std::holds_alternative<Refusal>(report.finding));
    return std::get<Refusal>(report.finding).reason;
}

/// A file of root's that nobody else may even read, outside of every home.
class Secret {
  public:
    Secret() : path_(root_.path() + "/shadow") {
        std::ofstream{path_} << "secret\n";
        chmod(path_.c_str(), 0640);
    }
    const std::string& path() const { return path_; }
    bool is_untouched() const {
        struct stat about {};
        return lstat(path_.c_str(), &about) == 0 && about.st_uid == 0 && about.st_gid == 0 &&
               (about.st_mode & 07777U) == 0640;
    }

  private:
    TempRoot root_;
    std::string path_;
};

void set_immutable(const std::string& path, bool on) {
    const int fd = open(path.c_str(), O_RDONLY);
    unsigned long flags = 0;
    REQUIRE(ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0);
    constexpr unsigned long immutable = FS_IMMUTABLE_FL;
    flags = on ? flags | immutable : flags & ~immutable;
    REQUIRE(ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0);
    close(fd);
}

/// Runs in a process with mounts of its own; the mounts end with it. True when it returned true.
template <typename Body>
bool with_own_mounts(Body body) {
    const auto child = fork();
    if (child == 0) {
        const bool ready = unshare(CLONE_NEWNS) == 0 &&
                           mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
        _exit(ready && body() ? 0 : 1);
    }
    int status = -1;
    REQUIRE(waitpid(child, &status, 0) == child);
    return status == 0;
}

} // namespace

TEST_CASE("a compliant home is left exactly as it is", "[round]") {
    TempHome home;
    home.kernel = kernel_variant();

    const auto rounds = home.round();

    CHECK(rounds.root.action == Action::none);
    CHECK(rounds.reports.size() == 3);
    for (const auto& report : rounds.reports)
        CHECK(std::holds_alternative<Compliant>(report.finding));
}

TEST_CASE("every wrong mode of every target is made right", "[round]") {
    TempHome home;
    home.kernel = kernel_variant();
    const auto mode =
        GENERATE(0U, 0200U, 0444U, 0666U, 0755U, 0770U, 0777U, 02700U, 04711U, 07777U);
    const std::map<std::string, unsigned> expected{{"", 0700}, {".ssh", 0700}, {key, 0600}};
    for (const auto& [below, right] : expected)
        home.chmod(below, mode);

    const auto rounds = home.round();

    for (const auto& report : rounds.reports) {
        CHECK(report.action == Action::repaired);
        CHECK(report.after.has_value());
    }
    for (const auto& [below, right] : expected)
        CHECK(home.mode(below) == Mode{right});
}

TEST_CASE("a wrong group is set right and nothing else", "[round]") {
    TempHome home;
    home.kernel = kernel_variant();
    home.chown(key, TempHome::uid, TempHome::second_gid);

    const auto rounds = home.round();

    CHECK(rounds.of(Target::authorized_keys).action == Action::repaired);
    CHECK(home.look(key).group == TempHome::gid);
    CHECK(home.look(key).owner == TempHome::uid);
    CHECK(home.mode(key) == Mode{0600});
}

TEST_CASE("a dry run names the drift and changes nothing", "[round]") {
    TempHome home;
    home.chmod(".ssh", 0777);

    const auto rounds = home.round(Hand::look);

    CHECK(rounds.of(Target::ssh_dir).action == Action::would_repair);
    CHECK(home.mode(".ssh") == Mode{0777});
}

TEST_CASE("a repair can be put off", "[round]") {
    TempHome home;
    home.chmod(".ssh", 0777);

    const auto rounds = home.round(Hand::repair, [](const Report&) { return false; });

    CHECK(rounds.of(Target::ssh_dir).action == Action::deferred);
    CHECK(home.mode(".ssh") == Mode{0777});
}

TEST_CASE("a symlink anywhere in the chain is refused and its target untouched", "[round]") {
    TempHome home;
    home.kernel = kernel_variant();
    const Secret secret;
    const std::string link = GENERATE("", ".ssh", ".ssh/authorized_keys");
    home.remove(link);
    REQUIRE(symlink(secret.path().c_str(), home.path(link).c_str()) == 0);

    const auto rounds = home.round();

    CHECK(refusal(rounds.reports.back()) == RefusalReason::symlink);
    CHECK(secret.is_untouched());
}

TEST_CASE("a key hard-linked to a file of root's is refused and the file untouched", "[round]") {
    TempHome home;
    home.kernel = kernel_variant();
    const Secret secret;
    home.remove(key);
    REQUIRE(link(secret.path().c_str(), home.path(key).c_str()) == 0);

    const auto rounds = home.round();

    CHECK(refusal(rounds.of(Target::authorized_keys)) == RefusalReason::hard_linked);
    CHECK(secret.is_untouched());
}

TEST_CASE("an own key with a second hard link of the user's own is repaired", "[round]") {
    TempHome home;
    REQUIRE(link(home.path(key).c_str(), home.path("backup").c_str()) == 0);
    home.chmod(key, 0666);

    const auto rounds = home.round();

    CHECK(rounds.of(Target::authorized_keys).action == Action::repaired);
    CHECK(home.mode(key) == Mode{0600});
}

TEST_CASE("what is no regular file in the place of the key is refused without opening it",
          "[round]") {
    TempHome home;
    home.kernel = kernel_variant();
    home.remove(key);
    const auto path = home.path(key);
    SECTION("a FIFO") { REQUIRE(mkfifo(path.c_str(), 0666) == 0); }
    SECTION("a directory") { REQUIRE(mkdir(path.c_str(), 0777) == 0); }
    SECTION("a device") { REQUIRE(mknod(path.c_str(), S_IFCHR | 0666, makedev(1, 3)) == 0); }
    SECTION("a socket") {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        REQUIRE(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
        close(fd);
    }
    home.chown(key, TempHome::uid, TempHome::gid);
    const auto before = home.look(key);

    const auto rounds = home.round();

    CHECK(refusal(rounds.of(Target::authorized_keys)) == RefusalReason::wrong_type);
    CHECK(home.look(key).mode == before.mode);
}

TEST_CASE("another owner is refused and nothing below it is looked at", "[round]") {
    TempHome home;
    home.kernel = kernel_variant();
    home.chmod(key, 0666);
    SECTION(".ssh of another user") {
        home.chown(".ssh", 61009, 61009);

        const auto rounds = home.round();

        CHECK(refusal(rounds.of(Target::ssh_dir)) == RefusalReason::foreign_owner);
        CHECK(rounds.reports.size() == 2);
    }
    SECTION("home of another user") {
        home.chown("", 1, 1); // somebody on every machine

        const auto rounds = home.round();

        CHECK(refusal(rounds.of(Target::home)) == RefusalReason::foreign_owner);
        CHECK(rounds.reports.size() == 1);
    }
    CHECK(home.mode(key) == Mode{0666});
}

TEST_CASE("a home root that others could write is repaired before anything below it", "[round]") {
    TempHome home;
    home.kernel = kernel_variant();
    home.chmod(".ssh", 0777);
    REQUIRE(chmod(home.root().c_str(), 0777) == 0);
    REQUIRE(chown(home.root().c_str(), TempHome::uid, TempHome::gid) == 0);

    const auto rounds = home.round();

    CHECK(rounds.root.action == Action::repaired);
    CHECK(rounds.root.after->owner == 0);
    CHECK(rounds.root.after->mode == Mode{0755});
    CHECK(rounds.of(Target::ssh_dir).action == Action::repaired);
    CHECK(rounds.of(Target::ssh_dir).exposed);
}

TEST_CASE("nothing is touched below a directory that somebody else could replace", "[round]") {
    TempHome home;
    home.kernel = kernel_variant();
    const TempRoot above;
    const auto root = above.path() + "/homes";
    REQUIRE(mkdir(root.c_str(), 0755) == 0);
    REQUIRE(chmod(above.path().c_str(), 0777) == 0);
    Machine machine;
    machine.kernel = home.kernel;
    const Accounts accounts;

    const auto round = Round{machine, home.config, accounts, 0, Hand::repair}.root(root);

    CHECK(refusal(round.report) == RefusalReason::unsafe_root);
    CHECK_FALSE(round.safe);
}

TEST_CASE("a home root reached through a link of root's own is found", "[round]") {
    TempHome home;
    const TempRoot above;
    const auto link = above.path() + "/homes";
    REQUIRE(symlink(home.root().c_str(), link.c_str()) == 0);
    Machine machine;
    const Accounts accounts;

    const auto round = Round{machine, home.config, accounts, 0, Hand::repair}.root(link);

    CHECK(std::holds_alternative<Compliant>(round.report.finding));
    CHECK(round.safe);
}

TEST_CASE("a link of somebody else's on the way to a home root is not followed", "[round]") {
    TempHome home;
    const TempRoot above;
    const auto link = above.path() + "/homes";
    REQUIRE(symlink(home.root().c_str(), link.c_str()) == 0);
    REQUIRE(lchown(link.c_str(), TempHome::uid, TempHome::gid) == 0);
    Machine machine;
    const Accounts accounts;

    const auto round = Round{machine, home.config, accounts, 0, Hand::repair}.root(link);

    CHECK(refusal(round.report) == RefusalReason::unsafe_root);
}

TEST_CASE("an immutable file is refused, and what is not immutable is repaired", "[round]") {
    TempHome home;
    home.chmod("", 0755);
    home.chmod(key, 0666);
    set_immutable(home.path(key), true);

    const auto rounds = home.round();
    set_immutable(home.path(key), false);

    CHECK(refusal(rounds.of(Target::authorized_keys)) == RefusalReason::immutable);
    CHECK(rounds.of(Target::home).action == Action::repaired);
}

TEST_CASE("below an immutable .ssh the key is still repaired", "[round]") {
    TempHome home;
    home.chmod(".ssh", 0755);
    home.chmod(key, 0666);
    set_immutable(home.path(".ssh"), true);

    const auto rounds = home.round();
    set_immutable(home.path(".ssh"), false);

    CHECK(refusal(rounds.of(Target::ssh_dir)) == RefusalReason::immutable);
    CHECK(rounds.of(Target::authorized_keys).action == Action::repaired);
}

TEST_CASE("a mount in the place of .ssh is refused", "[round]") {
    TempHome home;
    home.kernel = kernel_variant();

    const bool refused = with_own_mounts([&] {
        if (mount("none", home.path(".ssh").c_str(), "tmpfs", 0, "mode=0777") != 0)
            return false;
        const auto rounds = home.round();
        return refusal(rounds.of(Target::ssh_dir)) == RefusalReason::other_file_system &&
               home.mode(".ssh") == Mode{0777};
    });

    CHECK(refused);
}

TEST_CASE("a home that is a local mount of its own is repaired", "[round]") {
    TempHome home;
    home.kernel = kernel_variant();

    const bool repaired = with_own_mounts([&] {
        const auto options = "mode=0777,uid=" + std::to_string(TempHome::uid) +
                             ",gid=" + std::to_string(TempHome::gid);
        if (mount("none", home.path().c_str(), "tmpfs", 0, options.c_str()) != 0)
            return false;
        return home.round().of(Target::home).action == Action::repaired &&
               home.mode("") == Mode{0700};
    });

    CHECK(repaired);
}

TEST_CASE("a home on a file system of a kind that may never answer is not touched", "[round]") {
    TempHome home;
    home.kernel = kernel_variant();

    // ramfs is as local as tmpfs, but not on the list: nothing unknown is trusted.
    const bool refused = with_own_mounts([&] {
        if (mount("none", home.path().c_str(), "ramfs", 0, "mode=0777") != 0)
            return false;
        return refusal(home.round().of(Target::home)) == RefusalReason::other_file_system &&
               home.mode("") == Mode{0777};
    });

    CHECK(refused);
}

TEST_CASE("a file system mounted read-only is a refusal, not a failure", "[round]") {
    TempHome home;
    home.kernel = kernel_variant();
    home.chmod(".ssh", 0777);

    const bool refused = with_own_mounts([&] {
        const auto path = home.root();
        if (mount(path.c_str(), path.c_str(), nullptr, MS_BIND, nullptr) != 0 ||
            mount("none", path.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) != 0)
            return false;
        return refusal(home.round().of(Target::ssh_dir)) == RefusalReason::read_only;
    });

    CHECK(refused);
}

TEST_CASE("missing files are missing, and a spare key file is not missed", "[round]") {
    TempHome home;
    const std::string gone = GENERATE("", ".ssh", ".ssh/authorized_keys");
    home.remove(gone);

    const auto rounds = home.round();

    CHECK(std::holds_alternative<Missing>(rounds.reports.back().finding));
    CHECK(rounds.reports.back().path == home.path(gone));
}

TEST_CASE("authorized_keys2 is repaired like authorized_keys", "[round]") {
    TempHome home;
    std::ofstream{home.path(".ssh/authorized_keys2")} << "# spare\n";
    home.chown(".ssh/authorized_keys2", TempHome::uid, TempHome::gid);
    home.chmod(".ssh/authorized_keys2", 0644);

    const auto rounds = home.round();

    CHECK(rounds.reports.size() == 4);
    CHECK(home.mode(".ssh/authorized_keys2") == Mode{0600});
}

TEST_CASE("a target that an override ignores is looked through, not at", "[round]") {
    TempHome home;
    home.config.policy.ssh_dir.ignore = true;
    home.chmod(".ssh", 0755);
    home.chmod(key, 0644);

    const auto rounds = home.round();

    CHECK(home.mode(".ssh") == Mode{0755});
    CHECK(home.mode(key) == Mode{0600});
}

TEST_CASE("home names with any bytes are looked after", "[round]") {
    const std::string name = GENERATE(as<std::string>{}, "new\nline", "\x1b[31m", "\xff\xfe",
                                      std::string(255, 'x'), "..hidden", "spa ce");
    TempHome home{name};
    home.chmod(".ssh", 0777);

    const auto rounds = home.round();

    CHECK(rounds.of(Target::ssh_dir).action == Action::repaired);
    CHECK(home.mode(".ssh") == Mode{0700});
}

TEST_CASE("without a way to set a mode on a held descriptor drift is only reported", "[round]") {
    TempHome home;
    home.kernel.fchmodat2 = false;
    home.kernel.proc = false;
    home.chmod(".ssh", 0777);

    const auto rounds = home.round();

    CHECK(rounds.of(Target::ssh_dir).action == Action::failed);
    CHECK(home.mode(".ssh") == Mode{0777});
}
