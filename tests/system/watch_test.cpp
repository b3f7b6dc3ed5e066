// The watch: whatever happens to homes and key files while the daemon runs, the targets that
// exist in the end are right.
#include "accounts.hpp"
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "files.hpp"
#include "targets.hpp"

#include <string>

namespace {

namespace fs = std::filesystem;
using namespace system_tests;

TEST_CASE("a .ssh made together with its key is guarded", "[watch]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    fs::remove_all(alice.ssh_dir());
    Daemon daemon;

    must_run({"setpriv", "--reuid", std::to_string(alice.uid), "--regid", std::to_string(alice.gid),
              "--clear-groups", "sh", "-c",
              "cd " + alice.home.native() +
                  " && mkdir -m 755 .ssh && echo > .ssh/authorized_keys &&"
                  " chmod 666 .ssh/authorized_keys"});

    check_becomes_whole(daemon, alice);
}

TEST_CASE("a key that is removed and made again is guarded", "[watch]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    Daemon daemon;

    fs::remove(alice.authorized_keys());
    write_file(alice.authorized_keys(), "", {0664, owner(alice)});

    check_becomes_whole(daemon, alice);
}

TEST_CASE("a key replaced by rename with a wrong mode is repaired", "[watch]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto beside = alice.ssh_dir() / "authorized_keys.new";
    Daemon daemon;

    write_file(beside, "# new\n", {0644, owner(alice)});
    fs::rename(beside, alice.authorized_keys());

    check_becomes_whole(daemon, alice);
    CHECK(read_file(alice.authorized_keys()) == "# new\n");
}

TEST_CASE("a renamed .ssh is guarded under its new name only", "[watch]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto bob = accounts.add("bob");
    const auto aside = alice.home / ".ssh.old";
    Daemon daemon;

    fs::rename(alice.ssh_dir(), aside);
    make_directory(alice.ssh_dir(), {0755, owner(alice)});
    write_file(alice.authorized_keys(), "", {0644, owner(alice)});
    check_becomes_whole(daemon, alice);
    set_mode(aside, 0777);
    wait_for_a_round(daemon, bob);

    CHECK(mode_of(aside) == 0777);
    fs::rename(alice.ssh_dir(), alice.home / ".ssh.new");
    fs::rename(aside, alice.ssh_dir());
    check_becomes_whole(daemon, alice);
}

TEST_CASE("two .ssh that change places are both right when they are in place", "[watch]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto other = alice.home / "other";
    make_directory(other, {0777, owner(alice)});
    write_file(other / "authorized_keys", "", {0666, owner(alice)});
    Daemon daemon;

    exchange(alice.ssh_dir(), other);

    check_becomes_whole(daemon, alice);
    set_mode(other, 0750);
    exchange(alice.ssh_dir(), other);
    check_becomes_whole(daemon, alice);
}

TEST_CASE("a .ssh is guarded that replaces one in which somebody still stands", "[watch]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    Daemon daemon;
    const Process shell{{"sleep", "600"}, {}, alice.ssh_dir()};

    fs::remove_all(alice.ssh_dir());
    make_directory(alice.ssh_dir(), {0700, owner(alice)});
    write_file(alice.authorized_keys(), "", {0600, owner(alice)});
    REQUIRE(eventually([&] { return is_whole(alice); }));
    set_mode(alice.authorized_keys(), 0666);

    check_becomes_whole(daemon, alice);
    set_mode(alice.ssh_dir(), 0777);
    check_becomes_whole(daemon, alice);
}

TEST_CASE("a home that changes places with another is guarded", "[watch]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const fs::path spare = "/home/.spare";
    make_home(alice, spare);
    Daemon daemon;

    exchange(alice.home, spare);
    set_mode(alice.authorized_keys(), 0666);
    check_becomes_whole(daemon, alice);
    set_mode(alice.ssh_dir(), 0755);
    check_becomes_whole(daemon, alice);

    set_mode(spare, 0777);
    set_mode(spare / ".ssh", 0777);
    fs::rename(alice.home, "/home/.gone");
    fs::rename(spare, alice.home);
    check_becomes_whole(daemon, alice);
}

TEST_CASE("what a moved home still reports is not taken for the new one", "[watch]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto bob = accounts.add("bob");
    const fs::path gone = "/home/.gone";
    Daemon daemon;

    fs::rename(alice.home, gone);
    make_home(alice);
    wait_for_a_round(daemon, bob);
    set_mode(gone / ".ssh", 0777);
    set_mode(gone / ".ssh/authorized_keys", 0666);
    wait_for_a_round(daemon, bob);

    CHECK(mode_of(gone / ".ssh") == 0777);
    CHECK(mode_of(gone / ".ssh/authorized_keys") == 0666);
    open_up(alice);
    check_becomes_whole(daemon, alice);
}

TEST_CASE("a home root that is replaced, missing, and back is guarded", "[watch]") {
    Accounts accounts;
    const auto bob = accounts.add("bob");
    const auto alice = accounts.enlist("alice", "/srv/homes/alice");
    make_home(alice);
    Daemon daemon{Json{{"home_roots", {"/home", "/srv/homes"}}}};

    fs::rename("/srv/homes", "/srv/old");
    make_home_with_root(alice, 0777);
    open_up(alice);
    check_becomes_whole(daemon, alice);
    CHECK(eventually([] { return is("/srv/homes", {0755, {0, 0}}); }));

    fs::remove_all("/srv/homes");
    wait_for_a_round(daemon, bob);
    set_mode("/srv/old/alice/.ssh", 0777);
    fs::rename("/srv/old", "/srv/homes");
    check_becomes_whole(daemon, alice);
    set_mode(alice.authorized_keys(), 0604);
    check_becomes_whole(daemon, alice);
}

TEST_CASE("a file system mounted over a home is guarded", "[watch]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    Daemon daemon;

    must_run({"mount", "-t", "tmpfs", "-o",
              "mode=0777,uid=" + std::to_string(alice.uid) + ",gid=" + std::to_string(alice.gid),
              "tmpfs", alice.home});
    check_becomes_right(daemon, alice);
    set_mode(alice.home, 0755);
    check_becomes_right(daemon, alice);

    must_run({"umount", alice.home});
    open_up(alice);
    check_becomes_whole(daemon, alice);
}

} // namespace
