// Bad input: what is wrong with the machine or the configuration is said once and clearly, and
// what can still be protected is.
#include "accounts.hpp"
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "few_watches.hpp"
#include "files.hpp"
#include "targets.hpp"

#include <algorithm>
#include <fstream>
#include <string>

namespace {

namespace fs = std::filesystem;
using namespace system_tests;

const std::string config_path = "/run/bad.json";

Ended check_config(const std::string& text, Attributes attributes = {0644, {0, 0}}) {
    write_file(config_path, text, attributes);
    return run({sshpermd(), "--check-config", "--config", config_path});
}

bool says(const Ended& ended, const std::string& word) {
    return (ended.out + ended.err).find(word) != std::string::npos;
}

TEST_CASE("a good configuration passes its check", "[bad_input]") {
    const auto ended = check_config("{\"mode\": \"observe\"} // with a comment\n");

    INFO(ended.out << ended.err);
    CHECK(ended.status == 0);
}

TEST_CASE("a bad configuration fails its check with what is wrong and where", "[bad_input]") {
    struct Bad {
        std::string text;
        std::vector<std::string> words;
    };
    const std::vector<Bad> all{
        {"{\n\"mod\": \"repair\"}", {"/mod", "mode"}},
        {"{\"mode\": \"fix\"}", {"/mode", "observe"}},
        {"{\"policy\": {\"home\": {\"mode\": \"0988\"}}}", {"/policy/home/mode"}},
        {"{\"policy\": {\"home\": {\"mode\": 700}}}", {"/policy/home/mode"}},
        {"{\"home_roots\": \"/home\"}", {"/home_roots"}},
        {"{\"rescan_interval\": \"1s\"}", {"/rescan_interval", "30s"}},
        {"{\"mode\": \"repair\", \"mode\": \"observe\"}", {"mode"}},
        {"{\"mode\": \"repair\"", {}},
        {"", {}},
    };

    for (const auto& bad : all) {
        const auto ended = check_config(bad.text);

        INFO(bad.text << "\n" << ended.out << ended.err);
        CHECK(ended.status == 6);
        CHECK(says(ended, config_path));
        for (const auto& word : bad.words)
            CHECK(says(ended, word));
    }
}

TEST_CASE("a configuration that others could have written is not believed", "[bad_input]") {
    const auto good = [](Attributes attributes) { return check_config("{}", attributes); };

    CHECK(good({0644, {0, 0}}).status == 0);
    CHECK(good({0666, {0, 0}}).status == 6);
    CHECK(good({0664, {0, 1}}).status == 6);
    CHECK(good({0644, {1, 0}}).status == 6);
    CHECK(says(good({0666, {0, 0}}), config_path));
    fs::remove(config_path);
    fs::create_symlink("/run/elsewhere.json", config_path);
    write_file("/run/elsewhere.json", "{}", {0644, {1, 0}});
    CHECK(run({sshpermd(), "--check-config", "--config", config_path}).status == 6);
    fs::remove(config_path);
    CHECK(run({sshpermd(), "--check-config", "--config", config_path}).status == 6);
}

TEST_CASE("after a start with a bad configuration the daemon observes and says so", "[bad_input]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    open_up(alice);
    write_file(config_path, "{\"mode\": \"repair\", \"modus\": 1}", {0644, {0, 0}});

    Daemon daemon{Arguments{"--config", config_path, "--log-target", "stderr"}};

    REQUIRE(daemon.reports("config.rejected"));
    CHECK(text_at(daemon.events("config.rejected")[0], "/severity") == "crit");
    CHECK(eventually([&] { return daemon.events("drift.detected", "alice").size() == 3; }));
    CHECK(daemon.events("permission.repaired").empty());
    CHECK(mode_of(alice.authorized_keys()) == 0666);
    CHECK(daemon.stop() == 0);
    CHECK(daemon.events("config.rejected").size() == 1);
}

TEST_CASE("a home root that is missing costs the others nothing, and is guarded when it comes",
          "[bad_input]") {
    Accounts accounts;
    const auto bob = accounts.add("bob");
    const auto alice = accounts.enlist("alice", "/srv/homes/alice");
    fs::remove("/srv/homes");
    open_up(bob);

    Daemon daemon{Json{{"home_roots", {"/home", "/srv/homes"}}}};

    check_becomes_whole(daemon, bob);
    INFO(daemon.tail());
    CHECK(daemon.tail().find("/srv/homes") != std::string::npos);
    make_home_with_root(alice, 0755);
    open_up(alice);
    check_becomes_whole(daemon, alice);
}

TEST_CASE("without any home root the daemon waits for one", "[bad_input]") {
    Accounts accounts;
    const auto alice = accounts.enlist("alice", "/srv/homes/alice");
    fs::remove("/srv/homes");
    Daemon daemon{Json{{"home_roots", {"/srv/homes"}}}};

    make_home_with_root(alice, 0777);
    open_up(alice);

    check_becomes_whole(daemon, alice);
    CHECK(eventually([] { return is("/srv/homes", {0755, {0, 0}}); }));
    CHECK(daemon.stop() == 0);
}

TEST_CASE("below a home root that others could rename nothing is touched", "[bad_input]") {
    Accounts accounts;
    const auto bob = accounts.add("bob");
    const auto alice = accounts.enlist("alice", "/srv/homes/alice");
    make_home(alice);
    open_up(alice);
    set_mode("/srv", 0777);
    const auto before = snapshot("/srv");

    Daemon daemon{Json{{"home_roots", {"/home", "/srv/homes"}}}};

    open_up(bob);
    check_becomes_whole(daemon, bob);
    CHECK(differences(before, snapshot("/srv")) == "");
    CHECK(eventually([&] { return daemon.tail().find("unsafe_root") != std::string::npos; }));
}

TEST_CASE("without a journal the events go to stderr", "[bad_input]") {
    for (const std::string target : {"auto", "journal"}) {
        Accounts accounts;
        const auto alice = accounts.add("alice");
        open_up(alice);
        INFO(target);

        Daemon daemon{
            Arguments{"--config", write_config(Json{{"mode", "repair"}}), "--log-target", target}};

        check_becomes_whole(daemon, alice);
        CHECK(
            eventually([&] { return daemon.events("permission.repaired", "alice").size() == 3; }));
        CHECK(daemon.stop() == 0);
    }
}

TEST_CASE("an unprivileged user is told that the daemon needs root", "[bad_input]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto before = snapshot("/home");

    const auto ended =
        run({sshpermd(), "--config", write_config(Json::object()), "--log-target", "stderr"},
            {alice.uid, alice.gid});

    INFO(ended.out << ended.err);
    CHECK(ended.status == 4);
    CHECK(says(ended, "root"));
    CHECK(std::count(ended.err.begin(), ended.err.end(), '\n') <= 2);
    CHECK(differences(before, snapshot("/home")) == "");
}

TEST_CASE("a wrong command line is answered with the usage", "[bad_input]") {
    CHECK(run({sshpermd(), "--no-such-option"}).status == 2);
    CHECK(run({sshpermd(), "--log-target", "nowhere"}).status == 2);
    CHECK(run({sshpermd(), "--help"}).status == 0);
    CHECK(run({sshpermd(), "--version"}).status == 0);
}

TEST_CASE("whom the kernel allows no watch is polled", "[bad_input]") {
    Accounts accounts;
    const auto people = accounts.add("user", 6);
    const auto config = write_config(Json{{"poll_interval", "1s"}, {"rescan_interval", "24h"}});
    Daemon daemon{with_few_watches(9, {"--config", config, "--log-target", "stderr"})};
    REQUIRE(eventually([&] { return map_ids(daemon.process().pid()); }));
    const bool looked = daemon.reports("scan.completed");
    INFO(daemon.tail());
    REQUIRE(looked);

    for (const auto& account : people)
        set_mode(account.authorized_keys(), 0666);

    for (const auto& account : people)
        check_becomes_whole(daemon, account);
    CHECK(daemon.events("watch.limit").size() == 1);
    CHECK(daemon.stop() == 0);
}

TEST_CASE("homes that vanish while they are looked at harm nobody", "[bad_input]") {
    Accounts accounts;
    const auto people = accounts.add("user", 30);
    const auto bob = accounts.add("bob");
    Daemon daemon;

    for (int i = 0; i < 20; ++i)
        for (const auto& account : people) {
            auto gone = account.home;
            gone += ".gone";
            set_mode(account.ssh_dir(), 0777);
            fs::rename(account.home, gone);
            fs::rename(gone, account.home);
            fs::remove_all(account.ssh_dir());
            make_directory(account.ssh_dir(), {0755, {account.uid, account.gid}});
        }
    for (const auto& account : people)
        fs::remove_all(account.home);

    open_up(bob);
    check_becomes_whole(daemon, bob);
    CHECK(daemon.events("repair.failed").empty());
    CHECK(daemon.stop() == 0);
}

TEST_CASE("a broken /etc/passwd takes nobody's protection away", "[bad_input]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto passwd = read_file("/etc/passwd");
    Daemon daemon;

    write_file("/etc/passwd", "not a line of passwd\n" + passwd + "half:x:2", {0644, {0, 0}});
    set_mode(alice.home, 0777);
    check_becomes_whole(daemon, alice);

    write_file("/etc/passwd", passwd, {0644, {0, 0}});
    set_mode(alice.home, 0777);
    check_becomes_whole(daemon, alice);
}

} // namespace
