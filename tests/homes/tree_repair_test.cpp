// repair --recursive on real homes: what is handed over, what is left, and what a walk that was
// stopped or killed leaves behind. Needs root.
#include "catch.hpp"
#include "death_at_call.hpp"
#include "tree_walks.hpp"

#include "reconcile/tree_leftover.hpp"

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <numeric>

using namespace sshpermd;
namespace fs = std::filesystem;

namespace {

constexpr auto other = WalkedHome::other;
constexpr auto stranger = WalkedHome::stranger;

std::size_t open_descriptors() {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator{"/proc/self/fd"}, fs::directory_iterator{}));
}

/// Directories in each other, made by single names: no path is long enough for all of them.
void make_chain(const std::string& top, int depth, uid_t owner) {
    UniqueFd at{open(top.c_str(), O_PATH | O_CLOEXEC)};
    for (int i = 0; i < depth; ++i) {
        REQUIRE(mkdirat(at.get(), "d", 0700) == 0);
        REQUIRE(fchownat(at.get(), "d", owner, owner, 0) == 0);
        at = UniqueFd{openat(at.get(), "d", O_PATH | O_CLOEXEC)};
        const UniqueFd file{openat(at.get(), "file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600)};
        REQUIRE(fchown(file.get(), owner, owner) == 0);
    }
}

int count_theirs_in_chain(const std::string& top) {
    UniqueFd at{open(top.c_str(), O_PATH | O_CLOEXEC)};
    int count = 0;
    for (;;) {
        at = UniqueFd{openat(at.get(), "d", O_PATH | O_CLOEXEC)};
        struct stat dir {};
        struct stat file {};
        if (!at || fstat(at.get(), &dir) != 0 || fstatat(at.get(), "file", &file, 0) != 0)
            return count;
        count += dir.st_uid == TempHome::uid && file.st_uid == TempHome::uid;
    }
}

struct FewDescriptors {
    rlimit before{};
    FewDescriptors() {
        getrlimit(RLIMIT_NOFILE, &before);
        const rlimit few{walk_descriptors + 40, before.rlim_max};
        setrlimit(RLIMIT_NOFILE, &few);
    }
    ~FewDescriptors() { setrlimit(RLIMIT_NOFILE, &before); }
};

} // namespace

TEST_CASE("what is somebody's who is gone is handed over, and its mode stays", "[tree]") {
    WalkedHome alice;
    alice.home.kernel = kernel_variant();
    alice.file("a", other, 0640);
    alice.dir("d", other, 02750);
    alice.file("d/b", other, 0666);
    alice.file("d/name\nwith \xff\x1b[31m", other);
    fs::create_symlink("/etc/passwd", alice.home.path("d/link"));
    alice.home.chown("d/link", other, other);

    CHECK(alice.walk());

    for (const auto* const name : {"a", "d", "d/b", "d/name\nwith \xff\x1b[31m", "d/link"}) {
        INFO(name);
        CHECK(alice.is_theirs(name));
    }
    CHECK(alice.home.mode("a") == Mode{0640});
    CHECK(alice.home.mode("d") == Mode{02750});
    CHECK(alice.home.mode("d/b") == Mode{0666});
    CHECK(alice.home.is_right());
    CHECK(alice.tally.changed == 5);
    CHECK(alice.recorded.size() == 5);
    struct stat passwd {};
    REQUIRE(stat("/etc/passwd", &passwd) == 0);
    CHECK(passwd.st_uid == 0);
}

TEST_CASE("what could be somebody's is left, with a reason, and not entered", "[tree]") {
    WalkedHome alice;
    alice.home.kernel = kernel_variant();
    alice.file("roots", 0);
    alice.file("strangers", stranger);
    alice.dir("of_root", 0);
    alice.file("of_root/inner", other);
    alice.file("linked", other);
    fs::create_hard_link(alice.home.path("linked"), alice.home.root() + "/elsewhere");
    alice.file("set_id", other, 04755);
    alice.file("capable", other, 0755);
    const std::array<unsigned char, 20> capability{1, 0, 0, 2, 0, 4};
    REQUIRE(setxattr(alice.home.path("capable").c_str(), "security.capability", capability.data(),
                     capability.size(), 0) == 0);
    REQUIRE(mkfifo(alice.home.path("fifo").c_str(), 0600) == 0);
    alice.home.chown("fifo", other, other);
    alice.dir("site", other);
    alice.file("site/page", other);
    alice.homes = {"site"};
    alice.file("own", TempHome::uid);
    alice.home.chown("own", TempHome::uid, stranger);

    CHECK(alice.walk());

    CHECK(alice.left(LeftReason::root_owned) == 2);
    CHECK(alice.left(LeftReason::foreign_owner) == 1);
    CHECK(alice.left(LeftReason::hard_linked) == 1);
    CHECK(alice.left(LeftReason::set_id) == 2);
    CHECK(alice.left(LeftReason::special_file) == 1);
    CHECK(alice.left(LeftReason::another_home) == 1);
    CHECK(alice.tally.changed == 0);
    CHECK(alice.home.look("of_root/inner").owner == other);
    CHECK(alice.home.look("site/page").owner == other);
    CHECK(alice.home.look("own").group == stranger); // the user's own choice
    CHECK(alice.home.mode("set_id") == Mode{04755});
}

TEST_CASE("the targets are left to the ordinary repair", "[tree]") {
    WalkedHome alice;
    alice.home.chown(".ssh/authorized_keys", other, other);
    alice.file(".ssh/config", other, 0600);

    CHECK(alice.walk());

    CHECK(alice.home.look(".ssh/authorized_keys").owner == other);
    CHECK(alice.is_theirs(".ssh/config"));
    CHECK(alice.home.mode(".ssh") == Mode{0700});
}

TEST_CASE("a dry run counts what a walk would do, and touches nothing", "[tree]") {
    WalkedHome alice;
    alice.dir("d", other);
    alice.file("d/b", other);
    const auto before = alice.home.look("d");

    CHECK(alice.walk(Hand::look));

    CHECK(alice.tally.changed == 2);
    CHECK(alice.home.look("d") == before);
    CHECK(alice.home.look("d/b").owner == other);
}

TEST_CASE("no ordinary repairer works while a home or .ssh is held, and any other time it may",
          "[tree]") {
    WalkedHome alice;
    alice.dir(".ssh", TempHome::uid, 0700);
    alice.file(".ssh/extra", other);
    alice.file("a", other);
    alice.dir("d", other);
    alice.file("d/b", other);
    alice.targets = {".ssh", ".ssh/authorized_keys"};
    std::vector<std::string> wanted;
    alice.alone = [&](bool is_wanted) {
        // Before the first change in it, and after the last.
        const auto state = [&](const char* name) { return alice.is_theirs(name) ? "+" : "-"; };
        wanted.push_back((is_wanted ? "begin " : "end ") + std::string{state("a")} +
                         state(".ssh/extra") + state("d/b"));
    };

    REQUIRE(alice.walk());

    REQUIRE(wanted.size() == 4);
    CHECK(wanted[0] == "begin ---");
    CHECK(wanted[1] == "end +--");
    CHECK((wanted[2] == "begin +--" || wanted[2] == "begin +-+"));
    CHECK((wanted[3] == "end ++-" || wanted[3] == "end +++"));
    CHECK(alice.is_theirs("d/b"));
}

TEST_CASE("depth needs neither the stack nor descriptors", "[tree]") {
    constexpr int depth = 2500;
    WalkedHome alice;
    make_chain(alice.home.path(), depth, other);
    const auto before = open_descriptors();

    {
        const FewDescriptors few;
        CHECK(alice.walk());
    }

    CHECK(open_descriptors() == before);
    CHECK(alice.tally.failures == 0);
    CHECK(alice.left(LeftReason::moved) == 0);
    CHECK(alice.tally.changed == 2 * depth);
    CHECK(count_theirs_in_chain(alice.home.path()) == depth);
    fs::rename(alice.home.path("d"), alice.home.root() + "/deep"); // rm -r knows how to remove it
    CHECK(std::system(("rm -rf " + alice.home.root() + "/deep").c_str()) == 0);
}

TEST_CASE("many levels with siblings are all come back to", "[tree]") {
    WalkedHome alice;
    std::string at;
    for (int i = 0; i < 200; ++i) {
        alice.dir(at + "a", TempHome::uid);
        alice.dir(at + "b", TempHome::uid);
        alice.file(at + "b/file", other);
        at += "a/";
    }

    CHECK(alice.walk());

    CHECK(alice.tally.changed == 200);
    CHECK(alice.tally.directories == 402);
}

TEST_CASE("a hundred thousand files of one directory are handed over and on record", "[tree]") {
    constexpr int count = 100'000;
    WalkedHome alice;
    alice.dir("d", TempHome::uid, 0750);
    for (int i = 0; i < count; ++i) {
        const auto path = alice.home.path("d/" + std::to_string(i));
        const UniqueFd fd{open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600)};
        REQUIRE(fchown(fd.get(), other, other) == 0);
    }

    CHECK(alice.walk());

    CHECK(alice.tally.changed == count);
    CHECK(alice.recorded.size() == count);
    CHECK(alice.home.mode("d") == Mode{0750});
    CHECK(alice.is_theirs("d"));
    CHECK(alice.walk());
    CHECK(alice.tally.changed == 0);
}

TEST_CASE("a walk that is stopped holds nothing, and the next one does the rest", "[tree]") {
    WalkedHome alice;
    for (int i = 0; i < 20; ++i) {
        alice.dir("d" + std::to_string(i), other);
        alice.file("d" + std::to_string(i) + "/f", other);
    }

    CHECK_FALSE(
        alice.walk(Hand::repair, [](const TreeTally& so_far) { return so_far.directories < 10; }));

    const auto first = alice.tally.changed;
    CHECK(first > 20);
    CHECK(first < 40);
    for (const auto& entry : fs::recursive_directory_iterator{alice.home.path()})
        if (entry.is_directory())
            CHECK(alice.home.look(fs::relative(entry, alice.home.path())).mode != Mode{01700});
    CHECK(alice.walk());
    CHECK(alice.tally.changed == 40 - first);
    CHECK(alice.recorded.size() == 40);
}

TEST_CASE("a directory over which a walk was killed becomes exactly what it was", "[tree]") {
    constexpr int count = 100;
    const bool before_the_first = GENERATE(true, false);
    WalkedHome alice;
    alice.dir("d", TempHome::uid);
    for (int i = 0; i < count; ++i)
        alice.file("d/" + std::to_string(i), other);
    alice.home.chown("d", TempHome::uid, TempHome::second_gid);
    alice.home.chmod("d", 02770);

    const auto child = fork();
    if (child == 0) {
        if (tests::die_at(before_the_first ? tests::handing_over(TempHome::uid)
                                           : tests::giving_back(TempHome::uid)))
            alice.walk();
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);

    REQUIRE(WIFSIGNALED(status));
    REQUIRE(alice.home.look("d").owner == 0);
    REQUIRE(alice.home.mode("d") == Mode{01700});
    const auto leftover = TreeNotes{alice.notes_path()}.leftover();
    REQUIRE(leftover);
    REQUIRE(leftover->held);
    CHECK(leftover->held->path == "d");
    Machine machine;
    CHECK(give_back(machine, *leftover));
    const auto now = alice.home.look("d");
    CHECK(now.mode == Mode{02770});
    CHECK(now.owner == TempHome::uid);
    CHECK(now.group == TempHome::second_gid);
    CHECK_FALSE(give_back(machine, *leftover)); // there is nothing more to give
    // Every change is noted; the first was, before it was made.
    int theirs = 0; // fewer than all where a slow machine takes longer than one hold
    for (int i = 0; i < count; ++i)
        theirs += alice.is_theirs("d/" + std::to_string(i));
    CHECK((theirs == 0) == before_the_first);
    CHECK(static_cast<int>(leftover->changes.size()) == theirs + (before_the_first ? 1 : 0));
}

TEST_CASE("a mark that nobody remembers is given to the account, closed", "[tree]") {
    WalkedHome alice;
    alice.taken.clear();
    alice.dir("d", 0, 01700);
    alice.file("d/f", TempHome::uid);

    CHECK(alice.walk());

    CHECK(alice.is_theirs("d"));
    CHECK(alice.home.mode("d") == Mode{0700});
}

TEST_CASE("what is called as the held directory was, and is another, is not touched", "[tree]") {
    WalkedHome alice;
    alice.dir("d", 0, 01700);
    const TreeLeftover leftover{alice.whose(),
                                {},
                                HeldDirectory{"d", alice.home.look("d").inode + 1, Mode{0755},
                                              TempHome::uid, TempHome::gid},
                                1};
    Machine machine;

    CHECK_FALSE(give_back(machine, leftover));

    CHECK(alice.home.look("d").owner == 0);
}

TEST_CASE("two walks at once are one too many", "[tree]") {
    const TempRoot run;
    const TreeNotes first{run.path() + "/tree"};

    CHECK_THROWS_AS(TreeNotes{run.path() + "/tree"}, std::system_error);
}
