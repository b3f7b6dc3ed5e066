// A kernel that gives less than the daemon likes: few descriptors, no /proc, a filter over the
// newer calls.
#include "accounts.hpp"
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "deny.hpp"
#include "faults.hpp"
#include "files.hpp"
#include "targets.hpp"
#include "traps.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using namespace system_tests;

constexpr Owner root{0, 0};

Arguments command(const Json& config) {
    Json whole{{"mode", "repair"}, {"flap", {{"burst", 1000}}}};
    whole.merge_patch(config);
    return {sshpermd(), "--config", write_config(whole), "--log-target", "stderr"};
}

bool all_are_whole(const std::vector<Account>& people) {
    return std::all_of(people.begin(), people.end(),
                       [](const Account& account) { return is_whole(account); });
}

TEST_CASE("64 descriptors are enough for 200 homes", "[faults]") {
    Accounts accounts;
    const auto people = accounts.add("user", 200);
    for (const auto& account : people)
        open_up(account);
    Arguments words{"prlimit", "--nofile=64:64", "--stack=1048576:1048576"};
    for (const auto& word : command(trusting()))
        words.push_back(word);

    Daemon daemon{CommandLine{words}};

    CHECK(eventually([&] { return all_are_whole(people); }));
    REQUIRE(daemon.reports("scan.completed"));
    for (const auto& account : people)
        open_up(account);
    CHECK(eventually([&] { return all_are_whole(people); }));
    wait_for_a_round(daemon, people.front());
    INFO(daemon.tail());
    CHECK(daemon.events("repair.failed").empty());
    CHECK(daemon.events("watch.lost").empty());
    check_is_calm(daemon);
    check_stops(daemon);
}

/// One whose targets are a trap, beside those of make_people().
struct Trapped {
    const Trap* trap;
    Account user;
};

std::vector<Trapped> make_trapped(Accounts& accounts, const Account& neighbour) {
    std::vector<Trapped> all;
    for (const auto& trap : traps()) {
        if (trap.name.find("link to a file of root's") == std::string::npos &&
            trap.name != ".ssh is a symlink")
            continue;
        all.push_back({&trap, accounts.add("trapped" + std::to_string(all.size()))});
        trap.set({all.back().user, neighbour});
    }
    return all;
}

void check_refused(Daemon& daemon, const Trapped& trapped) {
    const auto refused = daemon.events("repair.refused", trapped.user.name);
    INFO(trapped.trap->name << "\n" << daemon.story(trapped.user.name));
    REQUIRE(refused.size() == 1);
    const auto reason = text_at(refused[0], "/reasons/0");
    CHECK(std::find(trapped.trap->reasons.begin(), trapped.trap->reasons.end(), reason) !=
          trapped.trap->reasons.end());
}

TEST_CASE("without the newer calls everything is repaired and every trap refused", "[faults]") {
    const auto error = GENERATE(as<std::string>{}, "EPERM", "ENOSYS");
    const auto calls =
        GENERATE(as<std::string>{}, "openat2", "fchmodat2", "statx", "openat2,fchmodat2,statx");
    Accounts accounts;
    const auto people = make_people(accounts);
    const auto zoe = accounts.add("zoe");
    const auto covered = accounts.add("covered");
    const auto trapped = make_trapped(accounts, people.neighbour);
    REQUIRE(trapped.size() == 3);
    open_up(people.mallory);
    own(zoe.authorized_keys(), root);
    Mounted cover{memory_for(covered), covered.ssh_dir()};
    const auto before = snapshot("/srv");
    const auto secret = snapshot("/home/.secret");
    INFO(error << " for " << calls);

    Daemon daemon{without_calls(error, calls, command(trusting()))};

    check_becomes_whole(daemon, people.mallory);
    check_becomes_whole(daemon, zoe);
    REQUIRE(daemon.reports("scan.completed"));
    wait_for_a_round(daemon, people.neighbour);
    for (const auto& one : trapped)
        check_refused(daemon, one);
    check_refused(daemon, covered, "ssh_dir", "other_file_system");
    CHECK(daemon.events("repair.failed").empty());
    CHECK(mode_of(covered.ssh_dir()) == 0777);
    CHECK(differences(before, snapshot("/srv")) == "");
    CHECK(differences(secret, snapshot("/home/.secret")) == "");
    check_stops(daemon);
}

TEST_CASE("what nobody can tell to be immutable fails once", "[faults]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto bob = accounts.add("bob");
    set_mode(alice.authorized_keys(), 0666);
    if (run({"chattr", "+i", alice.authorized_keys()}).status != 0) {
        std::cerr << "skipped, no chattr here: put SSHPERMD_TEST_STORE on ext4, xfs or btrfs\n";
        return;
    }

    Daemon daemon{without_calls("ENOSYS", "statx", command(trusting()))};

    CHECK(daemon.reports("repair.failed", "alice"));
    must_run({"chattr", "-i", alice.authorized_keys()});
    wait_for_a_round(daemon, bob);
    check_is_calm(daemon);
    CHECK(daemon.events("repair.failed").size() == 1);
    set_mode(alice.authorized_keys(), 0664);
    check_becomes_whole(daemon, alice);
}

/// A machine without /proc: everything else of this one, but homes of its own.
const fs::path box = "/srv/box";

/// Runs there.
CommandLine in_box(const Arguments& arguments) {
    const std::string enter =
        "for at in usr bin sbin lib lib64 etc run dev; do"
        " if [ -L /$at ]; then cp -P /$at /srv/box/$at;"
        " elif [ -d /$at ]; then mkdir -p /srv/box/$at && mount --rbind /$at /srv/box/$at; fi;"
        "done; exec chroot /srv/box \"$@\"";
    Arguments words{"setarch", "--addr-no-randomize", "unshare", "--mount", "sh", "-c", enter,
                    "sh"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return {words};
}

/// AddressSanitizer reads there where the stack ends: else it does not clear what an exception has
/// left on it, and takes that for an overflow later. Nothing else is in this /proc.
void tell_sanitizer_where_the_stack_is() {
    fs::create_directories(box / "proc/self");
    std::ofstream{box / "proc/self/maps"}
        << "7ffff0000000-7ffffffff000 rw-p 00000000 00:00 0                          [stack]\n";
}

/// Accounts whose homes are in the box.
std::vector<Account> settle_in_box(Accounts& accounts, int count) {
    make_directory(box, {0755, root});
    make_directory(box / "home", {0755, root});
    fs::create_directories(box / "var/lib"); // for the daemon's own state
    tell_sanitizer_where_the_stack_is();
    std::vector<Account> people;
    for (int i = 0; i < count; ++i) {
        const auto name = "user" + std::to_string(i);
        auto account = accounts.enlist(name, "/home/" + name);
        account.home = box / "home" / name;
        make_home(account);
        open_up(account);
        people.push_back(std::move(account));
    }
    return people;
}

/// LeakSanitizer, in a daemon that has it, finds at the end that it has no /proc; as it has no
/// environment without /proc either, it cannot be told to leave it.
void check_stops_in_box(Daemon& daemon) {
    daemon.process().signal(SIGTERM);
    const auto status = daemon.process().wait();
    const auto words = daemon.tail();
    INFO(words);
    REQUIRE(status.has_value());
    CHECK(daemon.events("daemon.stopping").size() == 1);
    CHECK((*status == 0 ||
           words.find("LeakSanitizer has encountered a fatal error") != std::string::npos));
}

TEST_CASE("without /proc everything is watched and repaired", "[faults]") {
    Accounts accounts;
    const auto people = settle_in_box(accounts, 5);

    Daemon daemon{in_box(command(trusting(Json{{"poll_interval", "60s"}})))};

    CHECK(eventually([&] { return all_are_whole(people); }));
    for (int i = 0; i < 2; ++i) {
        open_up(people.front());
        check_becomes_whole(daemon, people.front());
    }
    INFO(daemon.tail());
    CHECK(daemon.events("repair.failed").empty());
    CHECK(daemon.events("watch.lost").empty());
    check_stops_in_box(daemon);
}

TEST_CASE("that there is no /proc is said once", "[faults]") {
    Accounts accounts;
    const auto people = settle_in_box(accounts, 5);

    Daemon daemon{in_box(command(trusting(Json{{"poll_interval", "1s"}})))};

    CHECK(eventually([&] { return all_are_whole(people); }));
    CHECK(eventually([&] { return daemon.events("permission.repaired").size() == 15; }));
    check_is_calm(daemon);
    const auto said = daemon.events("daemon.degraded");
    CHECK(std::count_if(said.begin(), said.end(), [](const Json& event) {
              return text_at(event, "/trouble") == "no_proc";
          }) == 1);
}

TEST_CASE("with neither /proc nor fchmodat2 drift is only reported", "[faults]") {
    Accounts accounts;
    const auto people = settle_in_box(accounts, 2);
    const auto before = snapshot(box / "home");
    const auto config = command(Json{{"poll_interval", "60s"}});

    Daemon daemon{in_box(without_calls("ENOSYS", "fchmodat2", config).words)};

    REQUIRE(daemon.reports("scan.completed"));
    INFO(daemon.tail());
    for (const auto& account : people)
        CHECK(daemon.events("repair.failed", account.name).size() == 3);
    check_is_calm(daemon);
    CHECK(differences(before, snapshot(box / "home")) == "");
    check_stops_in_box(daemon);
}

TEST_CASE("where no mount can be told from another, nothing is touched", "[faults]") {
    Accounts accounts;
    const auto people = settle_in_box(accounts, 2);
    const auto before = snapshot(box / "home");
    const auto config = command(Json{{"poll_interval", "60s"}});

    Daemon daemon{in_box(without_calls("ENOSYS", "openat2,fchmodat2,statx", config).words)};

    REQUIRE(daemon.reports("scan.completed"));
    INFO(daemon.tail());
    REQUIRE(daemon.events("repair.refused").size() == 1);
    CHECK(text_at(daemon.events("repair.refused")[0], "/reasons/0") == "other_file_system");
    check_is_calm(daemon);
    CHECK(differences(before, snapshot(box / "home")) == "");
    check_stops_in_box(daemon);
}

} // namespace
