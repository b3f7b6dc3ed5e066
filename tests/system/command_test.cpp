// sshpermctl check and repair: what they print, what they change, and their exit codes.
#include "accounts.hpp"
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "files.hpp"
#include "targets.hpp"

#include <algorithm>
#include <string>
#include <sys/stat.h>

namespace {

namespace fs = std::filesystem;
using namespace system_tests;

/// The one document of `--json`.
Json document(const Ended& ended) {
    const auto json = Json::parse(ended.out);
    REQUIRE(json.at("schema") == "sshpermd.check/1");
    return json;
}

Json finding(const Json& document, const std::string& user, const std::string& target) {
    for (const auto& finding : document.at("findings"))
        if (finding.at("target") == target &&
            (user.empty() ? finding.at("user").is_null() : finding.at("user") == user))
            return finding;
    FAIL("no finding about " << target << " of " << user << " in " << document.dump(2));
    return {};
}

TEST_CASE("check finds nothing wrong where nothing is, and exits 0", "[command]") {
    Accounts accounts;
    accounts.add("user", 3);

    const auto ended = ctl({"check", "--json"});

    CHECK(ended.status == 0);
    const auto summary = document(ended).at("summary");
    CHECK(summary.at("users") == 3);
    CHECK(summary.at("compliant") == 10);
    CHECK(summary.at("drift") == 0);
    CHECK(finding(document(ended), "", "home_root").at("result") == "compliant");
}

TEST_CASE("check says what has drifted, changes nothing and exits 1", "[command]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    accounts.add("bob");
    open_up(alice);
    const auto before = snapshot("/home");

    const auto ended = ctl({"check", "--json"});

    CHECK(ended.status == 1);
    const auto found = finding(document(ended), "alice", "ssh_dir");
    CHECK(found.at("result") == "drift");
    CHECK(found.at("path") == "/home/alice/.ssh");
    CHECK(found.at("reasons") == Json{"too_open"});
    CHECK(found.at("blocks_login") == true);
    CHECK(found.at("exposed") == true);
    CHECK(found.at("observed").at("mode") == "0777");
    CHECK(found.at("expected").at("mode") == "0700");
    CHECK(found.at("expected").at("owner").at("id") == alice.uid);
    CHECK(found.at("action") == "none");
    CHECK(document(ended).at("summary").at("drift") == 3);
    CHECK(differences(before, snapshot("/home")) == "");
    CHECK(ctl({"check"}).status == 1);
    CHECK(ctl({"check", "alice"}).status == 1);
    CHECK(ctl({"check", "bob"}).status == 0);
    CHECK(ctl({"check", "-q"}).out.empty());
}

TEST_CASE("a dry run says what repair would do and does nothing", "[command]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    open_up(alice);
    const auto before = snapshot("/home");

    const auto ended = ctl({"repair", "--dry-run", "--json"});

    CHECK(ended.status == 1);
    CHECK(finding(document(ended), "alice", "home").at("action") == "would_repair");
    CHECK(differences(before, snapshot("/home")) == "");
}

TEST_CASE("repair makes everything right, says what it did and exits 0", "[command]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto bob = accounts.add("bob");
    const auto before = snapshot("/home");
    open_up(alice);
    open_up(bob);
    set_mode("/home", 0777);

    const auto ended = ctl({"repair", "--json"});

    CHECK(ended.status == 0);
    CHECK(finding(document(ended), "bob", "authorized_keys").at("action") == "repaired");
    CHECK(document(ended).at("summary").at("repaired") == 7);
    CHECK(differences(before, snapshot("/home")) == "");
    CHECK(ctl({"check"}).status == 0);
}

TEST_CASE("repair of one user leaves the others as they are", "[command]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto bob = accounts.add("bob");
    open_up(alice);
    open_up(bob);

    CHECK(ctl({"repair", "alice"}).status == 0);

    CHECK(is_whole(alice));
    CHECK(mode_of(bob.home) == 0777);
}

TEST_CASE("repair refuses what is unsafe, lists it, and says so by its exit code", "[command]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    fs::remove(alice.authorized_keys());
    REQUIRE(::mkfifo(alice.authorized_keys().c_str(), 0666) == 0);
    own(alice.authorized_keys(), {alice.uid, alice.gid});
    const auto before = snapshot("/home");

    const auto ended = ctl({"repair", "--json", "alice"});

    CHECK(ended.status == 1);
    const auto found = finding(document(ended), "alice", "authorized_keys");
    CHECK(found.at("result") == "refused");
    CHECK(found.at("reasons") == Json{"wrong_type"});
    CHECK(differences(before, snapshot("/home")) == "");
}

TEST_CASE("what is not there is listed as missing and is no error", "[command]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    fs::remove_all(alice.ssh_dir());

    const auto ended = ctl({"check", "--json"});

    CHECK(ended.status == 0);
    CHECK(finding(document(ended), "alice", "ssh_dir").at("result") == "missing");
}

TEST_CASE("a wrong command line exits 2", "[command]") {
    CHECK(ctl({}).status == 2);
    CHECK(ctl({"chekc"}).status == 2);
    CHECK(ctl({"check", "--no-such-option"}).status == 2);
    CHECK(ctl({"repair", "--color", "sometimes"}).status == 2);
    CHECK(ctl({"--help"}).status == 0);
}

TEST_CASE("a user without the right to look is told so by exit code 4", "[command]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto bob = accounts.add("bob");

    CHECK(ctl({"check", "bob"}, {alice.uid, alice.gid}).status == 4);
    CHECK(ctl({"repair", "bob"}, {alice.uid, alice.gid}).status == 4);
}

TEST_CASE("an account that is not there cannot be looked at: exit code 5", "[command]") {
    Accounts accounts;

    const auto ended = ctl({"check", "nobody-here"});

    CHECK(ended.status == 5);
    CHECK(ended.err.find("nobody-here") != std::string::npos);
}

TEST_CASE("a bad configuration exits 6", "[command]") {
    Accounts accounts;
    const auto config = write_config(Json{{"moed", "repair"}});

    for (const auto& command :
         {Arguments{"check"}, {"repair"}, {"config", "check"}, {"config", "show"}}) {
        auto arguments = command;
        arguments.insert(arguments.end(), {"--config", config});
        const auto ended = ctl(arguments);
        CHECK(ended.status == 6);
        CHECK(ended.err.find("moed") != std::string::npos);
    }
}

TEST_CASE("what config show prints is itself a configuration", "[command]") {
    const auto ended = ctl({"config", "show", "--config", write_config(Json{{"mode", "observe"}})});

    REQUIRE(ended.status == 0);
    CHECK(Json::parse(ended.out).at("mode") == "observe");
    const auto again = write_config(Json::parse(ended.out));
    CHECK(ctl({"config", "check", "--config", again}).status == 0);
}

TEST_CASE("version is printed, also as JSON", "[command]") {
    CHECK(ctl({"version"}).out.starts_with("sshpermctl "));
    CHECK(Json::parse(ctl({"version", "--json"}).out).contains("version"));
}

TEST_CASE("repair works with a daemon and without one", "[command]") {
    Accounts accounts;
    accounts.add("alice");
    Daemon daemon;

    CHECK(ctl({"repair"}).status == 0);
    CHECK(ctl({"check"}).status == 0);
    CHECK(daemon.stop() == 0);
    CHECK(ctl({"repair"}).status == 0);
}

} // namespace
