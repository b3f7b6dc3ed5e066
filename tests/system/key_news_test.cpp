// What the daemon tells of the keys themselves: who may log in now and could not before, and which
// lines sshd ignores.
#include "accounts.hpp"
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "files.hpp"
#include "ssh_server.hpp"

#include <algorithm>
#include <string>
#include <thread>

namespace {

namespace fs = std::filesystem;
using namespace system_tests;

std::string fingerprint_of(const KeyPair& pair) {
    const auto said = must_run({"ssh-keygen", "-lf", pair.secret.native() + ".pub"});
    const auto begin = said.find(' ') + 1;
    return said.substr(begin, said.find(' ', begin) - begin);
}

void write_keys(const Account& account, const std::string& text) {
    write_file(account.authorized_keys(), text, {0600, owner(account)});
}

/// Once its keys were read; before, everything is as it was found.
void wait_until_read(Daemon& daemon, const Account& account, const Account& bystander) {
    write_keys(account, "nonsense\n");
    REQUIRE(daemon.reports("keys.unusable", account.name));
    wait_for_a_round(daemon, bystander);
}

TEST_CASE("keys that come into a key file, and go from it, are told", "[keynews]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto bob = accounts.add("bob");
    const auto first = key_pair("first");
    const auto second = key_pair("second");
    Daemon daemon;
    wait_until_read(daemon, alice, bob);
    const auto before = daemon.events("keys.changed", "alice").size();

    write_keys(alice, first.line);
    REQUIRE(eventually([&] { return daemon.events("keys.changed", "alice").size() > before; }));
    fs::rename(alice.authorized_keys(), alice.ssh_dir() / "old");
    write_keys(alice, second.line);
    REQUIRE(eventually([&] { return daemon.events("keys.changed", "alice").size() > before + 1; }));

    const auto events = daemon.events("keys.changed", "alice");
    const auto& last = events.back();
    INFO(last.dump(2));
    CHECK(last.at("keys").at("appeared") == Json::array({fingerprint_of(second)}));
    CHECK(last.at("keys").at("gone") == Json::array({fingerprint_of(first)}));
    CHECK(text_at(last, "/file/path") == alice.authorized_keys());
    CHECK(text_at(last, "/severity") == "warning");
    CHECK(daemon.events("keys.changed", "bob").empty());
}

TEST_CASE("lines that sshd ignores are told, with the reason, and once", "[keynews]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto bob = accounts.add("bob");
    write_keys(alice, public_key() + read_file(key_pair("client").secret));
    Daemon daemon;

    REQUIRE(daemon.reports("keys.unusable", "alice"));
    set_mode(alice.authorized_keys(), 0644);
    wait_for_a_round(daemon, bob);

    const auto events = daemon.events("keys.unusable", "alice");
    REQUIRE(events.size() == 1);
    INFO(events[0].dump(2));
    CHECK(events[0].at("keys").at("accepted") == 1);
    CHECK(events[0].at("keys").at("ignored") ==
          Json::array({{{"line", 2}, {"reason", "private_key"}}}));
    CHECK(daemon.events("keys.unusable", "bob").empty());
}

TEST_CASE("a key that an operator added is told as that, and not as a change", "[keynews]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto bob = accounts.add("bob");
    const auto pair = key_pair("first");
    Daemon daemon;
    wait_until_read(daemon, alice, bob);
    const auto before = daemon.events("keys.changed", "alice").size();

    REQUIRE(run({sshpermctl(), "add-key", "alice", pair.secret.native() + ".pub"}).status == 0);
    REQUIRE(daemon.reports("key.added", "alice"));
    write_keys(alice, read_file(alice.authorized_keys()) + key_pair("second").line);
    REQUIRE(eventually([&] { return daemon.events("keys.changed", "alice").size() > before; }));

    const auto last = daemon.events("keys.changed", "alice").back();
    INFO(last.dump(2));
    CHECK(last.at("keys").at("appeared") == Json::array({fingerprint_of(key_pair("second"))}));
}

TEST_CASE("an account that changes its keys all the time is told of a few times a minute",
          "[keynews]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto bob = accounts.add("bob");
    const auto pair = key_pair("first");
    Daemon daemon;
    wait_until_read(daemon, alice, bob);

    for (int i = 0; i < 300; ++i) {
        write_keys(alice, i % 2 == 0 ? pair.line : public_key());
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    wait_for_a_round(daemon, bob);

    CHECK(daemon.events("keys.changed", "alice").size() <= 25);
    CHECK(daemon.events("keys.changed", "alice").size() >= 2);
}

} // namespace
