// Who would lose access to a home, and the overrides that keep it: config suggest and a dry run.
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

constexpr Identity www{33, 33};
constexpr const char* suggested = "/etc/sshpermd/conf.d/50-keep.json";

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

Json home_finding(const std::string& user) {
    const auto document = Json::parse(ctl({"repair", "--dry-run", "--json", user}).out);
    for (const auto& finding : document.at("findings"))
        if (finding.at("target") == "home")
            return finding;
    return {};
}

/// An account that publishes nothing.
Account add_private(Accounts& accounts, const std::string& name) {
    auto account = accounts.add(name);
    fs::remove_all(account.home / "public");
    return account;
}

/// A program of somebody's that works in a directory; there when it returns.
class Server {
  public:
    Server(Identity as, const fs::path& directory) : process_{{"sleep", "600"}, as, directory} {
        const auto link = "/proc/" + std::to_string(process_.pid()) + "/";
        REQUIRE(eventually([&] {
            std::error_code error;
            return fs::read_symlink(link + "exe", error).filename() == "sleep" ||
                   fs::read_symlink(link + "exe", error).filename() == "coreutils";
        }));
        REQUIRE(fs::read_symlink(link + "cwd") == directory);
    }
    std::string pid() const { return std::to_string(process_.pid()); }

  private:
    Process process_;
};

TEST_CASE("without anybody in a home there is nothing to suggest", "[suggest]") {
    Accounts accounts;
    const auto alice = add_private(accounts, "alice");
    set_mode(alice.home, 0755); // narrowed, and nobody is there

    const auto ended = ctl({"config", "suggest"});

    CHECK(ended.status == 0);
    CHECK(ended.out ==
          "// Nothing to change: the policy closes no home that anybody else uses now.\n{}\n");
    CHECK(ctl({"config", "suggest", "--json"}).out == "{\"overrides\":[]}\n");
    CHECK_FALSE(home_finding("alice").contains("loses_access"));
}

TEST_CASE("a home that a service works in is suggested to stay open, and then does", "[suggest]") {
    Accounts accounts;
    const auto web = add_private(accounts, "web1");
    add_private(accounts, "bob");
    make_directory(web.home / "site", {0755, owner(web)});
    set_mode(web.home, 0755);
    const Server server{www, web.home / "site"};
    const auto who = "sleep (user www-data, process " + server.pid() + ") uses /home/web1/site";
    const std::string entry = R"({"users":["web1"],"home":{"accept":["0755"]}})";

    const auto found = home_finding("web1");
    CHECK(found.at("loses_access") == Json{who});
    CHECK(found.at("kept_by") == Json::parse(entry));
    CHECK(contains(ctl({"repair", "--dry-run"}).out,
                   "would lose access: " + who + " (the override that keeps it: " + entry + ")\n"));

    const auto ended = ctl({"config", "suggest"});
    CHECK(contains(ended.out, "    // /home/web1 (0755): " + who + "\n    " + entry + "\n"));
    make_directory("/etc/sshpermd", {0755, {0, 0}});
    make_directory("/etc/sshpermd/conf.d", {0755, {0, 0}});
    write_file(suggested, ended.out, {0644, {0, 0}});
    CHECK(ctl({"config", "check"}).status == 0);
    CHECK(ctl({"repair"}).status == 0);
    CHECK(mode_of(web.home) == 0755);
    CHECK(contains(ctl({"config", "suggest"}).out, "// Nothing to change"));
    fs::remove_all("/etc/sshpermd");
}

TEST_CASE("the account's own processes, root's and those that cannot search the home lose nothing",
          "[suggest]") {
    Accounts accounts;
    const auto web = add_private(accounts, "web1");
    set_mode(web.home, 0755);
    make_directory(web.home / "site", {0755, owner(web)});
    const Server own_one{{web.uid, web.gid}, web.home / "site"};
    const Server roots{{0, 0}, web.home / "site"};
    CHECK_FALSE(home_finding("web1").contains("loses_access"));

    const Server other{www, web.home / "site"};
    CHECK(home_finding("web1").at("loses_access").size() == 1);
    set_mode(web.home, 0710); // he works there, but could not come back today, either
    CHECK_FALSE(home_finding("web1").contains("loses_access"));
}

TEST_CASE("a directory that is published is somebody's, though nobody is there now", "[suggest]") {
    Accounts accounts;
    const auto web = add_private(accounts, "web1");
    const auto bob = add_private(accounts, "bob");
    for (const auto& account : {web, bob})
        make_directory(account.home / "public_html", {0755, owner(account)});
    set_mode(web.home, 0711);
    make_directory(web.home / "www", {0700, owner(web)}); // closed itself

    CHECK(home_finding("web1").at("loses_access") ==
          Json{"whoever serves or reads /home/web1/public_html, open to others (0755)"});
    CHECK(Json::parse(ctl({"config", "suggest", "--json"}).out) ==
          Json::parse(R"({"overrides": [{"users": ["web1"], "home": {"accept": ["0711"]}}]})"));
    fs::remove(web.home / "public_html");
    fs::create_directory_symlink("/usr", web.home / "public_html");
    CHECK_FALSE(home_finding("web1").contains("loses_access"));
}

TEST_CASE("a home that even sshd would refuse is suggested as open as sshd allows", "[suggest]") {
    Accounts accounts;
    const auto web = add_private(accounts, "web1");
    make_directory(web.home / "public", {0755, owner(web)});
    set_mode(web.home, 0777);

    CHECK(home_finding("web1").at("kept_by") ==
          Json::parse(R"({"users": ["web1"], "home": {"mode": "0755"}})"));
}

TEST_CASE("an account whose home is below another's is named when it could no longer look there",
          "[suggest]") {
    Accounts accounts;
    const auto web = add_private(accounts, "web1");
    const auto below = accounts.enlist("below", "/home/web1/below");
    make_home(below);
    set_mode(web.home, 0711); // what it is narrowed to: it keeps its passage
    CHECK(home_finding("web1").at("result") == "compliant");
    set_mode(web.home, 0755);

    CHECK(home_finding("web1").at("loses_access") ==
          Json{"user below, whose home /home/web1/below is below it"});
}

TEST_CASE("a home that is open to a group of others is left alone: no override sets a group",
          "[suggest]") {
    Accounts accounts;
    const auto web = add_private(accounts, "web1");
    set_mode(web.home, 0750);
    own(web.home, {web.uid, www.gid});
    const Server server{www, web.home};

    CHECK(home_finding("web1").at("kept_by") ==
          Json::parse(R"({"users": ["web1"], "home": {"ignore": true}})"));
}

TEST_CASE("who is not root is told that suggestions need root", "[suggest]") {
    Accounts accounts;
    const auto alice = add_private(accounts, "alice");

    const auto ended = ctl({"config", "suggest"}, {alice.uid, alice.gid});

    CHECK(ended.status == 4);
    CHECK(contains(ended.err, "sudo sshpermctl config suggest"));
}

} // namespace
