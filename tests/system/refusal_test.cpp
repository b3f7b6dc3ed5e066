// What must not be touched: things that a user can put where a target belongs. Beside each
// refusal a control shows that a careless repairer does harm in the same place.
#include "accounts.hpp"
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "files.hpp"
#include "targets.hpp"
#include "traps.hpp"

#include <algorithm>
#include <csignal>
#include <string>

namespace {

namespace fs = std::filesystem;
using namespace system_tests;

constexpr Owner root{0, 0};

/// The whole world that must not change, whoever owns it.
Tree world() {
    auto tree = snapshot("/home");
    tree.merge(snapshot("/srv"));
    return tree;
}

bool one_of(const Trap& trap, const Json& event) {
    return event.contains("reasons") &&
           std::any_of(trap.reasons.begin(), trap.reasons.end(), [&](const std::string& reason) {
               const auto& given = event.at("reasons");
               return std::find(given.begin(), given.end(), reason) != given.end();
           });
}

void check_refused_once(Daemon& daemon, const Trap& trap) {
    const auto refused = daemon.events("repair.refused", "mallory");
    INFO(daemon.tail());
    REQUIRE(refused.size() == 1);
    CHECK(text_at(refused[0], "/target") == name_of(trap.target));
    CHECK(text_at(refused[0], "/outcome") == "refused");
    CHECK(one_of(trap, refused[0]));
    CHECK(daemon.events("permission.repaired", "mallory").empty());
}

TEST_CASE("what a user put in a target's place before the start is refused once", "[refusal]") {
    for (const auto& trap : traps()) {
        Accounts accounts;
        const auto people = make_people(accounts);
        trap.set(people);
        const auto before = world();
        open_up(people.neighbour);
        INFO(trap.name);

        Daemon daemon;

        CHECK(eventually([&] { return is_whole(people.neighbour); }));
        CHECK(daemon.reports("repair.refused", "mallory"));
        wait_for_a_round(daemon, people.neighbour);
        check_refused_once(daemon, trap);
        CHECK(differences(before, world()) == "");
        CHECK(daemon.stop() == 0);
    }
}

TEST_CASE("what a user puts in a target's place while the daemon runs is refused once",
          "[refusal]") {
    for (const auto& trap : traps()) {
        Accounts accounts;
        const auto people = make_people(accounts);
        Daemon daemon;
        INFO(trap.name);

        daemon.process().signal(SIGSTOP);
        trap.set(people);
        const auto before = world();
        daemon.process().signal(SIGCONT);

        CHECK(daemon.reports("repair.refused", "mallory"));
        wait_for_a_round(daemon, people.neighbour);
        check_refused_once(daemon, trap);
        CHECK(differences(before, world()) == "");
        CHECK(daemon.stop() == 0);
    }
}

TEST_CASE("control: a repairer that goes by path is fooled by each of these", "[refusal]") {
    for (const auto& trap : traps()) {
        Accounts accounts;
        const auto people = make_people(accounts);
        trap.set(people);
        const auto before = world();
        INFO(trap.name);

        repair_naively(people.mallory);

        CHECK(differences(before, world()) != "");
    }
}

TEST_CASE("a user's own hard-linked key is repaired", "[refusal]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    fs::create_hard_link(alice.authorized_keys(), alice.home / "backup-of-keys");
    Daemon daemon;

    set_mode(alice.authorized_keys(), 0666);

    CHECK(eventually([&] { return is_whole(alice); }));
    CHECK(daemon.events("repair.refused").empty());
}

TEST_CASE("a refused target that is put right is guarded again", "[refusal]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto key = alice.authorized_keys();
    fs::rename(key, alice.ssh_dir() / "real");
    fs::create_symlink("real", key);
    Daemon daemon;
    REQUIRE(daemon.reports("repair.refused", "alice"));

    set_mode(alice.ssh_dir() / "real", 0640);
    fs::rename(alice.ssh_dir() / "real", key);

    check_becomes_whole(daemon, alice);
}

TEST_CASE("a .ssh that root made is guarded as soon as it is given to its user", "[refusal]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    fs::remove_all(alice.ssh_dir());
    Daemon daemon;
    make_directory(alice.ssh_dir(), {0755, root});
    write_file(alice.authorized_keys(), "not a key file\n", {0644, root});
    REQUIRE(daemon.reports("repair.refused", "alice"));

    own(alice.authorized_keys(), owner(alice));
    own(alice.ssh_dir(), owner(alice));

    CHECK(eventually([&] { return is_whole(alice); }));
}

} // namespace
