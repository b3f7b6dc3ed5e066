// Drift that locks a user out or lets others in: real sshd, real client, before and after.
#include "accounts.hpp"
#include "catch.hpp"
#include "daemon.hpp"
#include "files.hpp"
#include "ssh_server.hpp"
#include "targets.hpp"

#include <algorithm>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace system_tests;

/// What sshd itself thinks of a state. `varies`: distributions patch their sshd differently.
enum class Sshd { refuses, accepts, varies };

struct Change {
    Target target;
    mode_t mode;
    std::optional<uid_t> owner = {}; ///< the account where nothing is said, as for the group
    std::optional<gid_t> group = {};
};

/// One way in which an account's targets can be wrong.
struct State {
    std::string name;
    Sshd sshd;
    std::vector<Change> changes;
    Group group = Group::of_its_own;
};

constexpr auto home = Target::home;
constexpr auto ssh_dir = Target::ssh_dir;
constexpr auto keys = Target::authorized_keys;
constexpr auto its_own = std::nullopt;
constexpr uid_t root = 0;

const std::vector<State>& states() {
    static const std::vector<State> all{
        // too open
        {"home 0777", Sshd::refuses, {{home, 0777}}},
        {"home 0702", Sshd::refuses, {{home, 0702}}},
        {"home 0755", Sshd::accepts, {{home, 0755}}},
        {"home 0750", Sshd::accepts, {{home, 0750}}},
        {"home 0711", Sshd::accepts, {{home, 0711}}},
        {"home 0770, a group of two", Sshd::refuses, {{home, 0770}}, Group::shared},
        {".ssh 0777", Sshd::refuses, {{ssh_dir, 0777}}},
        {".ssh 0755", Sshd::accepts, {{ssh_dir, 0755}}},
        {".ssh 0711", Sshd::accepts, {{ssh_dir, 0711}}},
        {".ssh 0702", Sshd::refuses, {{ssh_dir, 0702}}},
        {".ssh 0770, a group of two", Sshd::refuses, {{ssh_dir, 0770}}, Group::shared},
        {".ssh 0770, a group of one", Sshd::varies, {{ssh_dir, 0770}}},
        {"key 0666", Sshd::refuses, {{keys, 0666}}},
        {"key 0602", Sshd::refuses, {{keys, 0602}}},
        {"key 0644", Sshd::accepts, {{keys, 0644}}},
        {"key 0640", Sshd::accepts, {{keys, 0640}}},
        {"key 0660, a group of two", Sshd::refuses, {{keys, 0660}}, Group::shared},
        {"key 0755", Sshd::accepts, {{keys, 0755}}},
        // too tight
        {"home 0000", Sshd::refuses, {{home, 0000}}},
        {"home 0600", Sshd::refuses, {{home, 0600}}},
        {"home 0500", Sshd::accepts, {{home, 0500}}},
        {".ssh 0000", Sshd::refuses, {{ssh_dir, 0000}}},
        {".ssh 0500", Sshd::accepts, {{ssh_dir, 0500}}},
        {".ssh 0600", Sshd::refuses, {{ssh_dir, 0600}}},
        {"key 0000", Sshd::refuses, {{keys, 0000}}},
        {"key 0100", Sshd::refuses, {{keys, 0100}}},
        {"key 0200", Sshd::refuses, {{keys, 0200}}},
        {"key 0400", Sshd::accepts, {{keys, 0400}}},
        // group, and bits beyond 0777
        {".ssh of group root", Sshd::accepts, {{ssh_dir, 0700, its_own, root}}},
        {"home 0770 of group root", Sshd::refuses, {{home, 0770, its_own, root}}},
        {"key 0620 of group root", Sshd::refuses, {{keys, 0620, its_own, root}}},
        {"home 2700", Sshd::accepts, {{home, 02700}}},
        {".ssh 1777", Sshd::refuses, {{ssh_dir, 01777}}},
        {"key 4600", Sshd::accepts, {{keys, 04600}}},
        // owner: what sudo leaves behind
        {"home of root", Sshd::refuses, {{home, 0700, root, root}}},
        {".ssh of root", Sshd::refuses, {{ssh_dir, 0700, root, root}}},
        {"key of root", Sshd::refuses, {{keys, 0600, root, root}}},
        {"chown -R root:root",
         Sshd::refuses,
         {{home, 0700, root, root}, {ssh_dir, 0700, root, root}, {keys, 0600, root, root}}},
        // combined
        {"chmod -R 777", Sshd::refuses, {{home, 0777}, {ssh_dir, 0777}, {keys, 0777}}},
        {"chmod -R 000", Sshd::refuses, {{home, 0000}, {ssh_dir, 0000}, {keys, 0000}}},
        {"home too tight, key too open", Sshd::refuses, {{home, 0077}, {keys, 0646}}},
        {"all of group root and writable for it",
         Sshd::refuses,
         {{home, 0770, its_own, root},
          {ssh_dir, 0770, its_own, root},
          {keys, 0660, its_own, root}}},
    };
    return all;
}

struct Case {
    State state;
    Account account;
};

std::vector<Case> make_cases(Accounts& accounts) {
    std::vector<Case> cases;
    for (const auto& state : states())
        cases.push_back({state, accounts.add("u" + std::to_string(cases.size() + 1), state.group)});
    return cases;
}

void break_it(const Case& broken) {
    const auto& account = broken.account;
    for (const auto& [target, mode, owner, group] : broken.state.changes) {
        const auto path = path_of(target, account);
        if (owner || group)
            own(path, {owner.value_or(account.uid), group.value_or(account.gid)});
        set_mode(path, mode);
    }
}

bool as_expected(Sshd expected, const Login& login) {
    return expected == Sshd::varies || login.accepted == (expected == Sshd::accepts);
}

/// Everything in /home is what it was, down to inodes, bytes and times of writing.
void check_untouched(const Tree& before) { CHECK(differences(before, snapshot("/home")) == ""); }

std::vector<Json> repairs(Daemon& daemon, const std::filesystem::path& path) {
    auto events = daemon.events("permission.repaired");
    std::erase_if(events, [&](const Json& e) { return text_at(e, "/file/path") != path.native(); });
    return events;
}

/// One event for each change, saying what it was before, as `sshd` saw it.
void check_reported_once(Daemon& daemon, const Case& was) {
    for (const auto& change : was.state.changes) {
        const auto path = path_of(change.target, was.account);
        REQUIRE(eventually([&] { return !repairs(daemon, path).empty(); }));
        const auto found = repairs(daemon, path);
        REQUIRE(found.size() == 1);
        CHECK(text_at(found[0], "/user/name") == was.account.name);
        CHECK(text_at(found[0], "/target") == name_of(change.target));
        CHECK(std::stoul(text_at(found[0], "/before/mode"), nullptr, 8) == change.mode);
        CHECK(std::stoul(text_at(found[0], "/after/mode"), nullptr, 8) == mode_for(change.target));
    }
}

TEST_CASE("a login works with the modes of the policy", "[login]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const SshServer sshd;

    const auto login = sshd.login(alice);

    INFO(login.message << sshd.log());
    CHECK(login.accepted);
}

TEST_CASE("every drift that was there before the start is repaired by the start", "[login]") {
    Accounts accounts;
    const auto cases = make_cases(accounts);
    const SshServer sshd;
    const auto before = snapshot("/home");
    int refused = 0;
    for (const auto& broken : cases) {
        break_it(broken);
        const auto login = sshd.login(broken.account);
        INFO(broken.state.name << ": " << login.message << describe(broken.account));
        REQUIRE(!is_right(broken.account));
        REQUIRE(as_expected(broken.state.sshd, login));
        refused += login.accepted ? 0 : 1;
    }

    Daemon daemon;

    for (const auto& was : cases) {
        INFO(was.state.name);
        CHECK(eventually([&] { return is_whole(was.account); }));
        INFO(describe(was.account));
        check_reported_once(daemon, was);
        const auto login = sshd.login(was.account);
        INFO(login.message);
        CHECK(login.accepted);
    }
    check_untouched(before);
    CHECK(daemon.stop() == 0);
    std::cout << cases.size() << " states: sshd refused " << refused
              << " before the daemon started, none after\n";
}

TEST_CASE("every drift made while the daemon runs is repaired", "[login]") {
    Accounts accounts;
    const auto cases = make_cases(accounts);
    const SshServer sshd;
    const auto before = snapshot("/home");
    Daemon daemon;

    for (const auto& broken : cases) {
        INFO(broken.state.name);
        break_it(broken);

        CHECK(eventually([&] { return is_whole(broken.account); }));
        INFO(describe(broken.account));
        for (const auto& change : broken.state.changes)
            CHECK(eventually(
                [&] { return !repairs(daemon, path_of(change.target, broken.account)).empty(); }));
        const auto login = sshd.login(broken.account);
        INFO(login.message << sshd.log());
        CHECK(login.accepted);
    }
    check_untouched(before);
    CHECK(daemon.stop() == 0);
}

/// One way in which /home itself can be wrong; it concerns everybody.
struct RootState {
    std::string name;
    Sshd sshd;
    mode_t mode;
    Owner owner;
};

const std::vector<RootState>& root_states() {
    constexpr uid_t some_user = 20000; // the first account
    static const std::vector<RootState> all{
        {"/home 0777", Sshd::accepts, 0777, {0, 0}},
        {"/home 1777", Sshd::accepts, 01777, {0, 0}},
        {"/home 0711", Sshd::accepts, 0711, {0, 0}},
        {"/home 0700", Sshd::refuses, 0700, {0, 0}},
        {"/home 0000", Sshd::refuses, 0000, {0, 0}},
        {"/home 0755 of a user", Sshd::accepts, 0755, {some_user, 0}},
        {"/home 0775 of a user's group", Sshd::accepts, 0775, {0, some_user}},
        {"/home 0700 of a user and the user's group",
         Sshd::varies, // depends on whether that user logs in
         0700,
         {some_user, some_user}},
    };
    return all;
}

void break_root(const RootState& state) {
    own("/home", state.owner);
    set_mode("/home", state.mode);
}

TEST_CASE("/home itself is repaired by the start", "[login]") {
    for (const auto& state : root_states()) {
        Accounts accounts;
        const auto alice = accounts.add("alice");
        const auto bob = accounts.add("bob");
        const SshServer sshd;
        const auto before = snapshot("/home");
        INFO(state.name);
        break_root(state);
        REQUIRE(as_expected(state.sshd, sshd.login(bob)));

        Daemon daemon;

        CHECK(eventually([] { return is("/home", {0755, {0, 0}}); }));
        CHECK(eventually([&] { return !repairs(daemon, "/home").empty(); }));
        CHECK(sshd.login(alice).accepted);
        CHECK(sshd.login(bob).accepted);
        check_untouched(before);
    }
}

TEST_CASE("/home itself is repaired while the daemon runs", "[login]") {
    Accounts accounts;
    accounts.add("alice");
    const auto bob = accounts.add("bob");
    const SshServer sshd;
    const auto before = snapshot("/home");
    Daemon daemon;

    for (const auto& state : root_states()) {
        INFO(state.name);
        const auto reported = repairs(daemon, "/home").size();
        break_root(state);

        CHECK(eventually([] { return is("/home", {0755, {0, 0}}); }));
        CHECK(eventually([&] { return repairs(daemon, "/home").size() > reported; }));
        CHECK(sshd.login(bob).accepted);
    }
    check_untouched(before);
    CHECK(daemon.stop() == 0);
}

} // namespace
