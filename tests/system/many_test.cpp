// Many homes: those whom threads look at while the loop goes on are guarded as a few are.
#include "accounts.hpp"
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "files.hpp"
#include "targets.hpp"

#include <algorithm>
#include <csignal>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using namespace system_tests;

constexpr int many = 600; // more than are looked at without threads

bool are_right(const std::vector<Account>& people) {
    return std::all_of(people.begin(), people.end(), is_right);
}

TEST_CASE("of many homes the start repairs the wrong ones and watches all", "[watch][many]") {
    Accounts accounts;
    const auto people = accounts.add("user", many);
    for (int i = 0; i < many; i += 50)
        loosen(people[i]);
    fs::remove_all(people[1].ssh_dir());
    fs::remove(people[2].authorized_keys());
    fs::remove_all(people[3].home);
    Daemon daemon;
    CHECK(are_right(people));

    for (int i = 4; i < many; i += 40)
        set_mode(people[i].authorized_keys(), 0644);
    for (int i = 5; i < many; i += 40)
        set_mode(people[i].home, 0755);
    fs::create_directory(people[1].ssh_dir());
    own(people[1].ssh_dir(), owner(people[1]));
    set_mode(people[1].ssh_dir(), 0755);
    write_file(people[2].authorized_keys(), "", {0644, owner(people[2])});

    CHECK(eventually([&] { return are_right(people); }));
    CHECK(mode_of(people[1].ssh_dir()) == 0700);
}

TEST_CASE("of many homes those that changed unheard are found after an overflow", "[watch][many]") {
    const auto limit = std::stoul(read_file("/proc/sys/fs/inotify/max_queued_events"));
    Accounts accounts;
    const auto people = accounts.add("user", many);
    Daemon daemon;
    // The second look at everybody has learned all by then: what is right now is known as it is.
    set_mode(people[0].ssh_dir(), 0755);
    REQUIRE(daemon.reports("permission.repaired", people[0].name));

    daemon.process().signal(SIGSTOP);
    // Neighbouring events that are the same are merged: go round, so that they are not.
    for (unsigned long made = 0; made < limit + 100; ++made)
        set_mode(people[10 * (made % 10)].authorized_keys(), 0640);
    for (int i = 1; i < many; i += 10)
        loosen(people[i]);
    daemon.process().signal(SIGCONT);

    CHECK(eventually([&] { return are_right(people); }));
    CHECK(daemon.reports("watch.overflow"));
    CHECK(daemon.events("watch.lost").empty());
}

} // namespace
