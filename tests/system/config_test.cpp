// The configuration of a running daemon: its layers, what it falls back to, and where it answers.
#include "accounts.hpp"
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "files.hpp"
#include "targets.hpp"

#include <csignal>
#include <fstream>
#include <string>

namespace {

namespace fs = std::filesystem;
using namespace system_tests;

constexpr Attributes roots_file{0644, {0, 0}};
const std::string site_file = "/etc/sshpermd/sshpermd.json";
const std::string site_dir = "/etc/sshpermd/conf.d";
const std::string kept = "/var/lib/sshpermd/accepted.json";

/// The site's layers, empty when made.
class Site {
  public:
    Site() {
        fs::remove_all("/etc/sshpermd");
        make_directory("/etc/sshpermd", {0755, {0, 0}});
        make_directory(site_dir, {0755, {0, 0}});
    }
    ~Site() { fs::remove_all("/etc/sshpermd"); }
    Site(const Site&) = delete;
    Site& operator=(const Site&) = delete;

    void write(const std::string& text) const { write_file(site_file, text, roots_file); }
    void add(const std::string& name, const std::string& text) const {
        write_file(site_dir + "/" + name, text, roots_file);
    }
};

const Arguments to_stderr{"--log-target", "stderr"};
const std::string good = R"({"flap": {"burst": 1000}})";
const std::string bad = "{\n\"mode\": \"repair\",\n}";

/// A daemon that starts with the layers, keeps what it accepted, and ends.
void run_once() {
    Daemon daemon{to_stderr};
    const bool started = daemon.reports("scan.completed");
    INFO(daemon.tail());
    REQUIRE(started);
    REQUIRE(daemon.events("config.rejected").empty());
    REQUIRE(daemon.stop() == 0);
    REQUIRE(is_there(kept));
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

TEST_CASE("a start with a bad configuration goes on with the last accepted one, and says so once",
          "[config]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const Site site;
    site.write(good);
    run_once();
    site.add("10-typo.json", bad);
    open_up(alice);

    Daemon daemon{to_stderr};

    check_becomes_whole(daemon, alice);
    const auto rejected = daemon.events("config.rejected");
    REQUIRE(rejected.size() == 1);
    CHECK(text_at(rejected[0], "/severity") == "crit");
    CHECK(contains(text_at(rejected[0], "/message"), "the last one that could is in force"));
    CHECK(text_at(rejected[0], "/error/message") ==
          site_dir + "/10-typo.json:3: not valid JSON: \"}\" comes after a comma; remove the comma "
                     "of line 2");
    CHECK(contains(text_at(daemon.events("daemon.started").at(0), "/message"), "repaired"));

    site.add("10-typo.json", "{}");
    daemon.process().signal(SIGHUP);
    CHECK(daemon.reports("config.reloaded"));
    CHECK(daemon.stop() == 0);
}

TEST_CASE("what was rejected is never kept, whether at a start or at a reload", "[config]") {
    Accounts accounts;
    const Site site;
    site.write(good);
    run_once();
    const auto accepted = read_file(kept);
    CHECK(is(kept, {0600, {0, 0}}));
    {
        Daemon daemon{to_stderr};
        REQUIRE(daemon.reports("scan.completed"));
        site.write(bad);
        daemon.process().signal(SIGHUP);
        REQUIRE(daemon.reports("config.rejected"));
        CHECK(text_at(daemon.events("config.rejected")[0], "/severity") == "err");
        CHECK(daemon.stop() == 0);
    }
    CHECK(read_file(kept) == accepted);
    {
        Daemon daemon{to_stderr};
        REQUIRE(daemon.reports("scan.completed"));
        CHECK(daemon.stop() == 0);
    }
    CHECK(read_file(kept) == accepted);
}

TEST_CASE("what a reload accepted is what the next bad start falls back to", "[config]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const Site site;
    site.write(good);
    {
        Daemon daemon{to_stderr};
        REQUIRE(daemon.reports("scan.completed"));
        site.write(R"({"mode": "observe"})");
        daemon.process().signal(SIGHUP);
        REQUIRE(daemon.reports("config.reloaded"));
        CHECK(daemon.stop() == 0);
    }
    CHECK(contains(read_file(kept), "\"observe\""));
    site.write(bad);
    open_up(alice);

    Daemon daemon{to_stderr};

    CHECK(eventually([&] { return daemon.events("drift.detected", "alice").size() == 3; }));
    CHECK(contains(text_at(daemon.events("config.rejected").at(0), "/message"),
                   "the last one that could is in force"));
    CHECK(mode_of(alice.home) == 0777);
}

TEST_CASE("an accepted configuration that others could have written is not believed", "[config]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const Site site;
    site.write(good);
    run_once();
    site.write(bad);
    open_up(alice);
    SECTION("somebody may write it") { set_mode(kept, 0622); }
    SECTION("it is somebody's") { own(kept, {alice.uid, alice.gid}); }
    SECTION("it is a link") {
        fs::rename(kept, "/var/lib/sshpermd/elsewhere");
        fs::create_symlink("/var/lib/sshpermd/elsewhere", kept);
    }
    SECTION("it is cut off") { fs::resize_file(kept, 50); }

    Daemon daemon{to_stderr};

    CHECK(eventually([&] { return daemon.events("drift.detected", "alice").size() == 3; }));
    const auto rejected = daemon.events("config.rejected");
    REQUIRE(rejected.size() == 1);
    CHECK(contains(text_at(rejected[0], "/message"), "nothing is repaired"));
    CHECK(mode_of(alice.home) == 0777);
}

TEST_CASE("a trial with --config decides nothing about a start without it", "[config]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const Site site;
    site.write(good);
    run_once();
    {
        Daemon trial{Json{{"mode", "observe"}}};
        CHECK(trial.stop() == 0);
    }
    site.write(bad);
    open_up(alice);

    Daemon daemon{to_stderr};

    check_becomes_whole(daemon, alice);
}

TEST_CASE("a group that is not there is named with its place, and the fallback repairs",
          "[config]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const Site site;
    site.write(good);
    run_once();
    site.add("20-group.json", "{\n\"policy\": {\"home_root\":\n{\"group\": \"wheeel\"}}}");
    const auto complaint = site_dir +
                           "/20-group.json:3: \"/policy/home_root/group\": there is no group "
                           "\"wheeel\" on this machine; make it (groupadd), or name one that is "
                           "there (getent group)";
    open_up(alice);

    Daemon daemon{to_stderr};

    check_becomes_whole(daemon, alice);
    CHECK(text_at(daemon.events("config.rejected").at(0), "/error/message") == complaint);
    CHECK(ctl({"config", "check"}).err == "sshpermctl: " + complaint + "\n");
    CHECK(ctl({"config", "check"}).status == 6);
}

TEST_CASE("layers are checked and shown with the file that each value came from", "[config]") {
    Accounts accounts;
    const Site site;
    CHECK(ctl({"config", "check"}).out == "no configuration file: the built-in one is in force\n");
    site.write("{\"flap\": {\"burst\": 3}}");
    site.add("50-keep.json",
             "{\n\"overrides\": [\n{\"users\": [\"web*\"], \"home\": {\"accept\": [\"0755\"]}}]}");

    CHECK(ctl({"config", "check"}).out == site_file + ": ok\n" + site_dir + "/50-keep.json: ok\n");
    CHECK(run({sshpermd(), "--check-config"}).out == ctl({"config", "check"}).out);
    const auto shown = ctl({"config", "show"});
    CHECK(Json::parse(shown.out).at("flap").at("burst") == 3);
    const auto verbose = ctl({"-v", "config", "show"});
    CHECK(contains(verbose.out, "// read: " + site_file + "\n"));
    CHECK(contains(verbose.out, "// " + site_file + ":1 sets /flap/burst\n"));
    CHECK(contains(verbose.out, "// " + site_dir + "/50-keep.json:3 sets /overrides/0\n"));
    CHECK(Json::parse(verbose.out, nullptr, true, true) == Json::parse(shown.out));

    site.add("60-bad.json", bad);
    CHECK(ctl({"config", "show"}).status == 6);
    CHECK(run({sshpermd(), "--check-config"}).status == 6);
    CHECK(contains(run({sshpermd(), "--check-config"}).err, site_dir + "/60-bad.json:3: "));
}

TEST_CASE("the daemon answers where the configuration says, from a reload on, too", "[config]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    constexpr gid_t group = 778;
    std::ofstream{"/etc/group", std::ios::app} << "operators:x:778:\n";
    const Site site;
    fs::remove("/run/sshpermd/sshpermd.sock"); // of a daemon that was killed
    site.write(R"({"socket": {"path": "/run/ask/one.sock", "group": "operators"}})");
    Daemon daemon{to_stderr};
    REQUIRE(daemon.reports("scan.completed"));

    CHECK(is("/run/ask/one.sock", {0660, {0, group}}));
    CHECK_FALSE(is_there("/run/sshpermd/sshpermd.sock"));
    set_mode(alice.home, 0777);
    CHECK(ctl({"repair", "alice"}).status == 0);

    site.write(R"({"socket": {"path": "/run/ask/two.sock", "group": "root"}})");
    daemon.process().signal(SIGHUP);
    CHECK(daemon.reports("config.reloaded"));
    CHECK(eventually([] { return is("/run/ask/two.sock", {0660, {0, 0}}); }));
    CHECK_FALSE(is_there("/run/ask/one.sock"));
    CHECK(ctl({"repair", "alice"}).status == 0);
}

} // namespace
