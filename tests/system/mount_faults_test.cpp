// Mounts that come and go over homes and keys: never in the way of an umount, never trusted, and
// what they covered is looked at when it is seen again.
#include "accounts.hpp"
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "faults.hpp"
#include "files.hpp"
#include "targets.hpp"

#include <csignal>
#include <cstring>
#include <map>
#include <string>
#include <thread>

namespace {

namespace fs = std::filesystem;
using namespace system_tests;

TEST_CASE("what is mounted over .ssh or the key is left alone until it is gone", "[faults]") {
    const bool lazily = GENERATE(false, true);
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto bob = accounts.add("bob");
    const auto carol = accounts.add("carol");
    write_file("/srv/cover", "# a cover\n", {0666, owner(carol)});
    Daemon daemon{trusting()};
    INFO((lazily ? "taken away lazily" : "unmounted"));

    daemon.process().signal(SIGSTOP);
    open_up(alice);
    open_up(carol);
    Mounted over_ssh{memory_for(alice), alice.ssh_dir()};
    Mounted over_key{{"--bind", "/srv/cover"}, carol.authorized_keys()};
    daemon.process().signal(SIGCONT);

    check_refused(daemon, alice, "ssh_dir", "other_file_system");
    check_refused(daemon, carol, "authorized_keys", "other_file_system");
    wait_for_a_round(daemon, bob);
    check_is_calm(daemon);
    CHECK(mode_of("/srv/cover") == 0666);
    CHECK(mode_of(alice.ssh_dir()) == 0777);
    for (auto* const mount : {&over_ssh, &over_key}) {
        if (lazily)
            mount->end_lazily();
        else
            CHECK(mount->end() == 0);
    }
    for (const auto& account : {alice, carol}) {
        check_becomes_whole(daemon, account);
        set_mode(account.authorized_keys(), 0664);
        check_becomes_whole(daemon, account);
    }
    check_stops(daemon);
}

TEST_CASE("a home that is a mount of its own is guarded until it is taken away", "[faults]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto bob = accounts.add("bob");
    Daemon daemon{trusting()};

    for (const bool lazily : {false, true}) {
        Mounted cover{memory_for(alice), alice.home};
        check_becomes_right(daemon, alice);
        make_directory(alice.ssh_dir(), {0777, owner(alice)});
        write_file(alice.authorized_keys(), "", {0666, owner(alice)});
        check_becomes_whole(daemon, alice);
        wait_for_a_round(daemon, bob);
        if (lazily)
            cover.end_lazily();
        else
            CHECK(cover.end() == 0);
        open_up(alice);
        check_becomes_whole(daemon, alice);
    }
    check_is_calm(daemon);
    check_stops(daemon);
}

TEST_CASE("whoever unmounts what the daemon watches is not told that it is busy", "[faults]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto bob = accounts.add("bob");
    Daemon daemon{trusting()};
    constexpr int times = 25; // two mounts each
    std::map<std::string, int> refused;

    for (int i = 0; i < times; ++i) {
        Mounted over_ssh{memory_for(alice), alice.ssh_dir()};
        Mounted over_home{memory_for(alice), alice.home};
        open_up(bob);
        if (i % 5 == 0) // long enough for it to be looked into
            CHECK(eventually([&] { return is_right(alice); }));
        std::this_thread::sleep_for(std::chrono::milliseconds{2 * i});
        for (auto* const mount : {&over_home, &over_ssh}) {
            int error = mount->end();
            // A round may be under way; it holds nothing when it is over.
            for (int tries = 0; error == EBUSY && tries < 10; ++tries) {
                std::this_thread::sleep_for(std::chrono::milliseconds{5});
                error = mount->end();
            }
            if (error != 0)
                ++refused[std::strerror(error)];
        }
    }

    CAPTURE(refused);
    CHECK(refused.empty());
    open_up(alice);
    check_becomes_whole(daemon, alice);
    check_becomes_whole(daemon, bob);
    check_is_calm(daemon);
    CHECK(daemon.events("repair.failed").empty());
}

TEST_CASE("a whole home root that is unmounted and mounted again is guarded", "[faults]") {
    Accounts accounts;
    const auto bob = accounts.add("bob");
    const auto alice = accounts.enlist("alice", "/srv/homes/alice");
    Daemon daemon{trusting(Json{{"home_roots", {"/home", "/srv/homes"}}})};

    for (const bool lazily : {false, true}) {
        Mounted disk{{"-t", "tmpfs", "-o", "mode=0777", "tmpfs"}, "/srv/homes"};
        CHECK(eventually([] { return is("/srv/homes", {0755, {0, 0}}); }));
        make_home(alice);
        open_up(alice);
        check_becomes_whole(daemon, alice);
        wait_for_a_round(daemon, bob);
        if (lazily)
            disk.end_lazily();
        else
            CHECK(disk.end() == 0);
        wait_for_a_round(daemon, bob);
    }
    check_is_calm(daemon);
    check_stops(daemon);
}

TEST_CASE("the accounts of an /etc that is mounted over the old one are guarded", "[faults]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const Account like_bob{"bob", alice.uid + 1, alice.gid + 1, "/home/bob"};
    make_home(like_bob);
    open_up(like_bob);
    Daemon daemon{trusting()};
    fs::create_directory("/srv/etc");
    for (const auto* const file : {"passwd", "group", "shadow", "nsswitch.conf"})
        if (is_there(fs::path{"/etc"} / file))
            fs::copy_file(fs::path{"/etc"} / file, fs::path{"/srv/etc"} / file);
    Mounted cover{{"--bind", "/srv/etc"}, "/etc"};
    wait_for_a_round(daemon, alice);
    wait_for_a_round(daemon, alice);

    const auto bob = accounts.enlist("bob", like_bob.home); // nothing happens in /home
    check_becomes_whole(daemon, bob);

    CHECK(cover.end() == 0);
    const bool is_gone = daemon.reports("user.removed", "bob");
    INFO(daemon.tail());
    CHECK(is_gone);
    check_stops(daemon);
}

} // namespace
