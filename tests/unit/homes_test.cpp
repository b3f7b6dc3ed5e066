// Homes: which directories of a home root are whose home.
#include "catch.hpp"

#include "policy/homes.hpp"

#include <string>
#include <utility>
#include <vector>

using namespace sshpermd;

namespace {

constexpr uid_t uid_min = 1000;

Account account(const std::string& name, uid_t uid, const std::string& home) {
    return {name, uid, static_cast<gid_t>(uid), home};
}

std::vector<Home> homes_of(std::vector<Account> accounts, const Config& config = {}) {
    return find_homes(std::make_shared<const Accounts>(std::move(accounts), std::vector<Group>{}),
                      config, uid_min);
}

/// The home directory of a lone ordinary account that has this pw_dir; nothing when not managed.
std::vector<Home> home_at(const std::string& pw_dir, const Config& config = {}) {
    return homes_of({account("alice", 1001, pw_dir)}, config);
}

std::vector<std::string> names_of(const std::vector<Home>& homes) {
    std::vector<std::string> names;
    names.reserve(homes.size());
    for (const auto& home : homes)
        names.push_back(home.account->name);
    return names;
}

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("a home directly below a home root is managed with its account and policy", "[homes]") {
    const auto homes = home_at("/home/alice");

    REQUIRE(homes.size() == 1);
    CHECK(homes[0].root() == "/home");
    CHECK(homes[0].name() == "alice");
    CHECK(*homes[0].account == account("alice", 1001, "/home/alice"));
    CHECK(*homes[0].policy == AccountPolicy{});
    CHECK_FALSE(homes[0].shared);
    CHECK(homes[0].path() == "/home/alice");
}

TEST_CASE("a home need not be called like its account", "[homes]") {
    const auto homes = home_at("/home/project x");

    REQUIRE(homes.size() == 1);
    CHECK(homes[0].name() == "project x");
    CHECK(homes[0].account->name == "alice");
}

TEST_CASE("trailing slashes of pw_dir do not matter", "[homes]") {
    const auto pw_dir = GENERATE("/home/alice/", "/home/alice////");

    const auto homes = home_at(pw_dir);

    REQUIRE(homes.size() == 1);
    CHECK(homes[0].root() == "/home");
    CHECK(homes[0].name() == "alice");
    CHECK(homes[0].path() == "/home/alice");
}

TEST_CASE("a pw_dir that is not ROOT/NAME is not managed", "[homes]") {
    const std::string pw_dir =
        GENERATE("", "/", "//", "home/alice", "alice", "./home/alice", "/home", "/home/", "/home/.",
                 "/home/..", "/home/./", "/home//", "/home/alice/mail", "/home//alice",
                 "//home/alice", "/./home/alice", "/home/./alice", "/home/../home/alice",
                 "/home/alice/.", "/home/alice/..", "/homes/alice", "/hom/alice", "/srv/home/alice",
                 "/var/lib/alice", "/root", "/nonexistent", "/home\n/alice");

    INFO(pw_dir);
    CHECK(home_at(pw_dir).empty());
}

TEST_CASE("a name is one that a directory can have: 255 bytes at most", "[homes]") {
    CHECK(home_at("/home/" + std::string(255, 'a')).size() == 1);
    CHECK(home_at("/home/" + std::string(256, 'a')).empty());
    CHECK(home_at("/home/...").size() == 1);
    CHECK(home_at("/home/\xff\n\x1b[2J").size() == 1);
}

TEST_CASE("every configured home root counts, and only those", "[homes]") {
    Config config;
    config.home_roots = {"/srv/people", "/data"};

    CHECK(home_at("/srv/people/alice", config).size() == 1);
    CHECK(home_at("/data/alice", config).size() == 1);
    CHECK(home_at("/home/alice", config).empty());
    CHECK(home_at("/srv/alice", config).empty());
}

TEST_CASE("accounts below the lowest uid are left alone", "[homes]") {
    const std::vector<Account> accounts{
        account("root", 0, "/home/root"), account("daemon", 1, "/home/daemon"),
        account("last", 999, "/home/last"), account("first", 1000, "/home/first")};

    CHECK(names_of(homes_of(accounts)) == Names{"first"});
}

TEST_CASE("the configuration's min_uid replaces that of login.defs, in both directions",
          "[homes]") {
    const std::vector<Account> accounts{account("old", 500, "/home/old"),
                                        account("middle", 1000, "/home/middle"),
                                        account("high", 5000, "/home/high")};
    Config lower;
    lower.users.min_uid = 500;
    Config higher;
    higher.users.min_uid = 1001;

    CHECK(names_of(homes_of(accounts, lower)) == Names{"old", "middle", "high"});
    CHECK(names_of(homes_of(accounts, higher)) == Names{"high"});
}

TEST_CASE("nobody and the invalid uid own no home", "[homes]") {
    const std::vector<Account> accounts{
        account("almost", 65533, "/home/almost"), account("nobody", 65534, "/home/nobody"),
        account("next", 65535, "/home/next"), account("highest", 4'294'967'294, "/home/highest"),
        account("invalid", static_cast<uid_t>(-1), "/home/invalid")};

    CHECK(names_of(homes_of(accounts)) == Names{"almost", "next", "highest"});
}

TEST_CASE("include and exclude choose accounts by name, and exclude wins", "[homes]") {
    const std::vector<Account> accounts{
        account("web1", 1001, "/home/web1"), account("web2", 1002, "/home/web2"),
        account("alice", 1003, "/home/alice"), account("Web3", 1004, "/home/Web3")};
    Config config;

    SECTION("everybody is included by default") { CHECK(homes_of(accounts, config).size() == 4); }
    SECTION("include is a list of globs") {
        config.users.include = {"web?", "a[kl]ice"};
        CHECK(names_of(homes_of(accounts, config)) == Names{"web1", "web2", "alice"});
    }
    SECTION("an empty include is nobody") {
        config.users.include.clear();
        CHECK(homes_of(accounts, config).empty());
    }
    SECTION("exclude wins over include") {
        config.users.include = {"web*"};
        config.users.exclude = {"*2", "alice"};
        CHECK(names_of(homes_of(accounts, config)) == Names{"web1"});
    }
    SECTION("a glob matches the whole name") {
        config.users.include = {"web", "lic", "*3"};
        CHECK(names_of(homes_of(accounts, config)) == Names{"Web3"});
    }
}

TEST_CASE("an override that ignores an account takes its home away", "[homes]") {
    Config config;
    Override ignored{{"sftp-*"}, {}};
    ignored.policy.ignore = true;
    Override open{{"*"}, {}};
    open.policy.home.mode = Mode{0711};
    config.overrides = {ignored, open};

    const auto homes = homes_of(
        {account("sftp-1", 1001, "/home/sftp-1"), account("alice", 1002, "/home/alice")}, config);

    REQUIRE(names_of(homes) == Names{"alice"});
    CHECK(homes[0].policy->home.mode == Mode{0711});
}

TEST_CASE("the first override that matches decides alone", "[homes]") {
    Config config;
    Override first{{"web*"}, {}};
    first.policy.home.mode = Mode{0711};
    Override second{{"web1"}, {}};
    second.policy.ignore = true;
    config.overrides = {first, second};

    CHECK(config.policy_for("web1").home.mode == Mode{0711});
    CHECK(config.includes("web1"));
    CHECK(config.policy_for("alice") == config.policy);
}

TEST_CASE("a home above another account's home keeps the search bit", "[homes]") {
    const auto inner = GENERATE("/home/alice/bob", "/home/alice/sub/deep/bob", "/home/alice/bob/",
                                "/home/alice//bob");

    const auto homes = homes_of({account("alice", 1001, "/home/alice"), account("bob", 1002, inner),
                                 account("carol", 1003, "/home/carol")});

    REQUIRE(names_of(homes) == Names{"alice", "carol"});
    CHECK(homes[0].policy->home.mode == Mode{0711});
    CHECK(homes[0].policy->ssh_dir.mode == Mode{0700});
    CHECK(homes[1].policy->home.mode == Mode{0700});
}

TEST_CASE("a passage is kept for accounts that are not managed themselves", "[homes]") {
    const auto homes =
        homes_of({account("app", 1001, "/home/app"), account("app-daemon", 200, "/home/app/data"),
                  account("other", 1002, "/home/application")});

    REQUIRE(homes.size() == 2);
    CHECK(homes[0].policy->home.mode == Mode{0711});
    CHECK(homes[1].policy->home.mode == Mode{0700});
}

TEST_CASE("a passage widens whatever mode the policy has, and nothing but search", "[homes]") {
    Config config;
    config.policy.home.mode = Mode{0750};

    const auto homes = homes_of(
        {account("alice", 1001, "/home/alice"), account("bob", 1002, "/home/alice/bob")}, config);

    REQUIRE(homes.size() == 1);
    CHECK(homes[0].policy->home.mode == Mode{0751});
}

TEST_CASE("a home that several accounts have is flagged as shared for each of them", "[homes]") {
    const auto homes =
        homes_of({account("alice", 1001, "/home/team"), account("bob", 1002, "/home/team/"),
                  account("carol", 1003, "/home/carol"), account("service", 200, "/home/carol")});

    REQUIRE(names_of(homes) == Names{"alice", "bob", "carol"});
    CHECK(homes[0].shared);
    CHECK(homes[1].shared);
    CHECK(homes[2].shared); // with an account that is not managed
}

TEST_CASE("root's own home is managed only when it is asked for", "[homes]") {
    const std::vector<Account> accounts{account("root", 0, "/root"),
                                        account("alice", 1001, "/home/alice"),
                                        account("impostor", 1002, "/impostor")};
    Config config;

    SECTION("not by default") { CHECK(names_of(homes_of(accounts, config)) == Names{"alice"}); }
    SECTION("with users.root it is a home below /") {
        config.users.root = true;
        const auto homes = homes_of(accounts, config);

        REQUIRE(names_of(homes) == Names{"root", "alice"});
        CHECK(homes[0].root() == "/");
        CHECK(homes[0].name() == "root");
        CHECK(homes[0].path() == "/root");
    }
    SECTION("and still subject to exclude") {
        config.users.root = true;
        config.users.exclude = {"root"};
        CHECK(names_of(homes_of(accounts, config)) == Names{"alice"});
    }
}

TEST_CASE("a root whose home is elsewhere is not managed", "[homes]") {
    Config config;
    config.users.root = true;
    const auto pw_dir = GENERATE("/", "/var/root", "/home/root", "root", "");

    CHECK(homes_of({account("root", 0, pw_dir)}, config).empty());
}

TEST_CASE("homes come in the order of the account database", "[homes]") {
    const auto homes =
        homes_of({account("zoe", 1003, "/home/zoe"), account("alice", 1001, "/home/alice"),
                  account("mia", 1002, "/home/mia")});

    CHECK(names_of(homes) == Names{"zoe", "alice", "mia"});
}

TEST_CASE("UID_MIN is read from the text of login.defs", "[homes]") {
    CHECK(uid_min_of("UID_MIN 500") == 500);
    CHECK(uid_min_of("UID_MIN\t\t\t  500\n") == 500);
    CHECK(uid_min_of("  \tUID_MIN 500\r\n") == 500);
    CHECK(uid_min_of("# comment\nUID_MAX 60000\n\nUID_MIN 2000\nGID_MIN 3000\n") == 2000);
    CHECK(uid_min_of("UID_MIN 4294967294") == 4'294'967'294);
}

TEST_CASE("without a readable UID_MIN it is 1000", "[homes]") {
    const auto text =
        GENERATE("", "\n\n", "#UID_MIN 500\n", "SYS_UID_MIN 100\n", "UID_MINIMUM 500\n",
                 "UID_MIN\n", "UID_MIN   \n500", "UID_MIN500\n", "UID_MIN five\n", "UID_MIN -5\n",
                 "UID_MIN 99999999999\n", "UID_MAX 60000\n", "uid_min 500\n");

    INFO(text);
    CHECK(uid_min_of(text) == 1000);
}

TEST_CASE("UID_MIN is spelled in all the ways that shadow reads", "[homes]") {
    CHECK(uid_min_of("UID_MIN 0x3e8\n") == 1000); // strtoul with base 0
    CHECK(uid_min_of("UID_MIN 01750\n") == 1000);
    CHECK(uid_min_of("UID_MIN \"2000\"\n") == 2000);
    CHECK(uid_min_of("UID_MIN 500\nUID_MIN 1000\n") == 1000); // the last one counts
}

TEST_CASE("while not everybody is known a home keeps the search bit it has, and gets none",
          "[homes]") {
    const auto local = std::make_shared<const Accounts>(
        std::vector<Account>{account("alice", 1001, "/home/alice")}, std::vector<Group>{},
        Coverage::local_only);

    const auto homes = find_homes(local, {}, uid_min);

    REQUIRE(homes.size() == 1);
    CHECK(homes[0].policy->home.mode == Mode{0711});
    CHECK(homes[0].policy->home.accept == std::vector<Mode>{Mode{0700}});
    CHECK(homes[0].policy->ssh_dir.mode == Mode{0700});
}
