// Many homes: those whom threads look at while the loop goes on are guarded as a few are.
#include "accounts.hpp"
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "files.hpp"
#include "http.hpp"
#include "patience.hpp"
#include "process.hpp"
#include "targets.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <exception>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace fs = std::filesystem;
using namespace system_tests;

constexpr int many = 600; // more than are looked at without threads

bool are_right(const std::vector<Account>& people) {
    return std::all_of(people.begin(), people.end(), is_right);
}

Json status() { return Json::parse(ctl({"status", "--json"}).out); }

bool has_looked_again(Daemon& daemon) {
    return status().at("last_look").at("time") > daemon.events("scan.completed").at(0).at("time");
}

TEST_CASE("of many homes the start repairs the wrong ones and watches all", "[many]") {
    Accounts accounts;
    const auto people = accounts.add("user", many);
    for (int i = 0; i < many; i += 50)
        loosen(people[static_cast<std::size_t>(i)]);
    fs::remove_all(people[1].ssh_dir());
    fs::remove(people[2].authorized_keys());
    fs::remove_all(people[3].home);
    Daemon daemon;
    CHECK(are_right(people));

    for (int i = 4; i < many; i += 40)
        set_mode(people[static_cast<std::size_t>(i)].authorized_keys(), 0644);
    for (int i = 5; i < many; i += 40)
        set_mode(people[static_cast<std::size_t>(i)].home, 0755);
    fs::create_directory(people[1].ssh_dir());
    own(people[1].ssh_dir(), owner(people[1]));
    set_mode(people[1].ssh_dir(), 0755);
    write_file(people[2].authorized_keys(), "", {0644, owner(people[2])});

    CHECK(eventually([&] { return are_right(people); }));
    CHECK(mode_of(people[1].ssh_dir()) == 0700);
}

TEST_CASE("of many homes those that changed unheard are found after an overflow", "[many]") {
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
        loosen(people[static_cast<std::size_t>(i)]);
    daemon.process().signal(SIGCONT);

    CHECK(eventually([&] { return are_right(people); }));
    CHECK(daemon.reports("watch.overflow"));
    CHECK(daemon.events("watch.lost").empty());
}

TEST_CASE("an accident over many homes is told once as a whole", "[many]") {
    Accounts accounts;
    const auto people = accounts.add("user", many);
    Daemon daemon;
    const fs::path home = people[0].home.parent_path();
    must_run({"chmod", "-R", "777", home.native()});
    CHECK(eventually([&] { return are_right(people); }));
    REQUIRE(daemon.reports("storm.summarised"));

    CHECK(daemon.events("permission.repaired").size() >= 3 * many);
    std::this_thread::sleep_for(std::chrono::milliseconds{1500}); // a second one would come by then
    CHECK(daemon.events("storm.summarised").size() == 1);
}

TEST_CASE("what changes while many homes are looked at is not lost", "[many]") {
    constexpr int starts = 6;
    Accounts accounts;
    const auto people = accounts.add("user", many);
    for (int start = 0; start < starts; ++start) {
        std::atomic<bool> is_ready{false};
        std::thread changing{[&] {
            for (int i = start; !is_ready; i = (i + 7) % many) {
                std::this_thread::sleep_for(
                    std::chrono::milliseconds{3}); // what changes goes first
                const auto& person = people[static_cast<std::size_t>(i)];
                switch (i % 4) {
                case 0: set_mode(person.authorized_keys(), 0644); break;
                case 1: set_mode(person.ssh_dir(), 0755); break;
                case 2: set_mode(person.home, 0711); break;
                default: // another .ssh in its place
                    fs::rename(person.ssh_dir(), person.home / "aside");
                    make_directory(person.ssh_dir(), {0755, owner(person)});
                    write_file(person.authorized_keys(), "", {0644, owner(person)});
                    fs::remove_all(person.home / "aside");
                }
            }
        }};
        std::optional<Daemon> daemon;
        std::exception_ptr failure;
        try {
            daemon.emplace();
        } catch (...) {
            failure = std::current_exception();
        }
        is_ready = true;
        changing.join();
        if (failure)
            std::rethrow_exception(failure);

        CHECK(eventually([&] { return are_right(people); }));
        // The look that learns the keys finds whatever the first one lost: it counts that.
        CHECK(eventually([&] { return has_looked_again(*daemon); }));
        CHECK(status().at("missed_by_events") == 0);
        CHECK(daemon->stop() == 0);
    }
}

TEST_CASE("many homes are guarded again that were unmounted and mounted", "[many]") {
    Accounts accounts;
    const auto people = accounts.add("user", many);
    const fs::path home = people[0].home.parent_path();
    Daemon daemon;
    set_mode(people[0].ssh_dir(), 0755);
    REQUIRE(daemon.reports("permission.repaired", people[0].name));

    must_run({"mount", "-t", "tmpfs", "-o", "mode=0755", "none", home.native()});
    // While somebody looks at it, it is busy for a moment.
    REQUIRE(eventually([&] { return run({"umount", home.native()}).status == 0; }));
    for (const auto& person : people) {
        set_mode(person.authorized_keys(), 0644);
        set_mode(person.home, 0711);
    }

    CHECK(eventually([&] { return are_right(people); }));
    for (int i = 0; i < many; i += 60)
        set_mode(people[static_cast<std::size_t>(i)].ssh_dir(), 0755);
    CHECK(eventually([&] { return are_right(people); }));
    CHECK(daemon.stop() == 0);
}

TEST_CASE("of many homes each target is told once, in the order of the accounts", "[many]") {
    Accounts accounts;
    const auto people = accounts.add("user", many);
    Daemon daemon;
    std::vector<std::string> expected{"/home"};
    for (const auto& person : people)
        for (const auto& path : {person.home, person.ssh_dir(), person.authorized_keys()})
            expected.push_back(path);
    const auto paths_in = [](const Json& check) {
        std::vector<std::string> paths;
        for (const auto& finding : check.at("findings"))
            if (finding.at("result") != "missing") // nobody has an authorized_keys2
                paths.push_back(finding.at("path"));
        return paths;
    };

    const auto check = Json::parse(say(http("POST", "/v1/check")).body);
    CHECK(paths_in(check) == expected);
    CHECK(check.at("summary").at("users") == many);
    CHECK(check.at("summary").at("compliant") == expected.size());

    const auto whole = Json::parse(say(http("POST", "/v1/repair")).body);
    CHECK(whole.at("findings") == check.at("findings"));
    const auto told = lines_of(say(http("POST", "/v1/repair?follow=1")).body);
    REQUIRE_FALSE(told.empty());
    CHECK(told.back().at("findings") == check.at("findings"));
}

} // namespace
