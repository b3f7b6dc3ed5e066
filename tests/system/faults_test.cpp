// A dead FUSE mount: root would wait in it for ever, so nothing may ask it anything.
#include "accounts.hpp"
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "dead_fuse.hpp"
#include "deny.hpp"
#include "faults.hpp"
#include "files.hpp"
#include "targets.hpp"

#include <csignal>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using namespace system_tests;

/// A user with a mount in some place, and which of the targets cannot be reached then.
struct Place {
    Account user;
    fs::path at;
    std::string refused; // empty for none
    FuseFor whom = FuseFor::everybody;
};

std::vector<Place> make_places(Accounts& accounts) {
    const auto users = accounts.add("mallory", 6);
    return {{users[0], users[0].home, "home"},
            {users[1], users[1].ssh_dir(), "ssh_dir"},
            {users[2], users[2].authorized_keys(), "authorized_keys"},
            {users[3], users[3].home / "public", ""},
            {users[4], users[4].home, "home", FuseFor::its_user},
            {users[5], users[5].authorized_keys(), "authorized_keys", FuseFor::its_user}};
}

using Fuses = std::vector<std::unique_ptr<DeadFuse>>;

Fuses open_up_and_cover(const std::vector<Place>& places) {
    Fuses fuses;
    for (const auto& place : places) {
        open_up(place.user);
        fuses.push_back(std::make_unique<DeadFuse>(place.at, place.whom));
    }
    return fuses;
}

unsigned asked(const Fuses& fuses) {
    unsigned asked = 0;
    for (const auto& fuse : fuses)
        asked += fuse->asked();
    return asked;
}

bool there_is_no_fuse() {
    const auto why = DeadFuse::why_not();
    if (!why.empty())
        std::cerr << "skipped, no FUSE here: " << why << '\n';
    return !why.empty();
}

void check_goes_on_beside(const Fuses& fuses, const std::vector<Place>& places, Daemon& daemon,
                          const Account& neighbour) {
    for (const auto& place : places)
        if (!place.refused.empty())
            check_refused(daemon, place.user, place.refused, "other_file_system");
    wait_for_a_round(daemon, neighbour);
    check_is_calm(daemon);
    CHECK(daemon.events("repair.refused").size() == 5);
    CHECK(daemon.events("repair.failed").empty());
    CHECK(asked(fuses) == 0);
}

TEST_CASE("a dead FUSE mount that is there at the start is never asked", "[faults]") {
    if (there_is_no_fuse())
        return;
    Accounts accounts;
    const auto places = make_places(accounts);
    const auto neighbour = accounts.add("neighbour");
    const auto fuses = open_up_and_cover(places);

    Daemon daemon{trusting()};

    check_goes_on_beside(fuses, places, daemon, neighbour);
    check_stops(daemon);
}

TEST_CASE("a FUSE mount that dies while the daemon runs costs nobody but its user", "[faults]") {
    if (there_is_no_fuse())
        return;
    Accounts accounts;
    const auto places = make_places(accounts);
    const auto neighbour = accounts.add("neighbour");
    Daemon daemon{trusting()};

    daemon.process().signal(SIGSTOP);
    const auto fuses = open_up_and_cover(places);
    daemon.process().signal(SIGCONT);

    check_goes_on_beside(fuses, places, daemon, neighbour);
    for (const auto& fuse : fuses)
        fuse->end();
    for (const auto& place : places)
        check_becomes_whole(daemon, place.user);
    check_stops(daemon);
}

TEST_CASE("control: whoever asks a dead FUSE mount waits until its server is gone", "[faults]") {
    if (there_is_no_fuse())
        return;
    Accounts accounts;
    const auto mallory = accounts.add("mallory");
    DeadFuse fuse{mallory.home};
    Process naive{{"stat", mallory.home / ".ssh"}};

    CHECK(eventually([&] { return fuse.asked() > 0; }));
    naive.signal(SIGTERM);
    CHECK(naive.running());
    fuse.end();

    CHECK(naive.wait());
}

TEST_CASE("a dead FUSE mount is known for what it is without the newer calls", "[faults]") {
    if (there_is_no_fuse())
        return;
    const auto error = GENERATE(as<std::string>{}, "EPERM", "ENOSYS");
    const auto calls = GENERATE(as<std::string>{}, "openat2", "statx", "openat2,fchmodat2,statx");
    Accounts accounts;
    const auto mallory = accounts.add("mallory");
    const auto neighbour = accounts.add("neighbour");
    const auto carol = accounts.add("carol");
    const auto dave = accounts.add("dave");
    make_directory("/srv/dead", {0755, {0, 0}});
    open_up(mallory);
    open_up(carol);
    const auto config = write_config(Json{{"home_roots", {"/home", "/srv/dead"}}});
    DeadFuse fuse{mallory.home};
    DeadFuse fuse_in_ssh{carol.ssh_dir()};
    DeadFuse root{"/srv/dead"};

    DeadFuse own_fuse{dave.home, FuseFor::its_user};
    INFO(error << " for " << calls);

    Daemon daemon{
        without_calls(error, calls, {sshpermd(), "--config", config, "--log-target", "stderr"})};

    check_refused(daemon, mallory, "home", "other_file_system");
    check_refused(daemon, dave, "home", "other_file_system");
    check_refused(daemon, carol, "ssh_dir", "other_file_system");
    wait_for_a_round(daemon, neighbour);
    CHECK(fuse.asked() + fuse_in_ssh.asked() + root.asked() == 0);
    check_stops(daemon);
}

} // namespace
