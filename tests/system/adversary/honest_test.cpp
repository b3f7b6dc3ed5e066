// Honest people whose files were open to everybody for a while: nobody is locked out for that.
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "files.hpp"
#include "ssh_server.hpp"
#include "targets.hpp"

#include <chrono>
#include <string>
#include <thread>

namespace {

namespace fs = std::filesystem;
using namespace system_tests;

/// What a repairer needs until it has seen that somebody can log in, and knows the keys.
void let_it_be_known() { std::this_thread::sleep_for(std::chrono::milliseconds{400}); }

/// As the account types it.
void shell(const Account& account, const std::string& command) {
    const auto ended = run({"sh", "-c", "HOME=" + account.home.native() + "; cd && " + command},
                           {account.uid, account.gid});
    INFO(command << ": " << ended.err);
    REQUIRE(ended.status == 0);
}

void check_logs_in(Daemon& daemon, const SshServer& server, const Account& account,
                   const KeyPair& with = key_pair("client")) {
    check_becomes_whole(daemon, account);
    const auto login = server.login(account, with);
    INFO(login.message << "\n" << daemon.story(account.name));
    CHECK(login.accepted);
}

TEST_CASE("chmod -R 777 with unchanged keys locks nobody out", "[honest]") {
    const SshServer server;
    Accounts accounts;
    const auto alice = accounts.add("alice");
    Daemon daemon;
    let_it_be_known();

    shell(alice, "chmod -R 777 ~ 2>/dev/null; true");

    check_logs_in(daemon, server, alice);
}

TEST_CASE("a restored backup with open modes and older keys locks nobody out", "[honest]") {
    const SshServer server;
    Accounts accounts;
    const auto alice = accounts.add("alice");
    write_file(alice.authorized_keys(), key_pair("newer").line + public_key(),
               {0600, owner(alice)});
    Daemon daemon;
    let_it_be_known();

    fs::remove_all(alice.ssh_dir());
    set_mode(alice.home, 0777);
    make_directory(alice.ssh_dir(), {0777, owner(alice)});
    write_file(alice.authorized_keys(), "# of last year\n" + public_key(), {0777, owner(alice)});

    check_logs_in(daemon, server, alice);
}

TEST_CASE("a key that its account adds, and a chmod 777 right after, locks nobody out",
          "[honest]") {
    const SshServer server;
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto laptop = key_pair("laptop");
    Daemon daemon;
    let_it_be_known();

    // On a busy machine the daemon may not run between the two: SECURITY.md says what happens then.
    shell(alice, "cd .ssh && echo '" + laptop.line.substr(0, laptop.line.size() - 1) +
                     "' >> authorized_keys; sleep 0.2; chmod 777 authorized_keys");

    check_logs_in(daemon, server, alice);
    check_logs_in(daemon, server, alice, laptop);
}

TEST_CASE("a umask of 002 with a private group locks nobody out", "[honest]") {
    const SshServer server;
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto laptop = key_pair("laptop");
    Daemon daemon;
    let_it_be_known();

    set_mode(alice.home, 0775);
    shell(alice, "umask 002; rm -r .ssh; mkdir .ssh; echo '" +
                     laptop.line.substr(0, laptop.line.size() - 1) + "' > .ssh/authorized_keys");

    check_logs_in(daemon, server, alice, laptop);
}

TEST_CASE("where everything was open before the first start, people log in after it", "[honest]") {
    const SshServer server;
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto bob = accounts.add("bob");
    for (const auto& account : {alice, bob})
        open_up(account);
    set_mode("/home", 0777);

    Daemon daemon;

    check_logs_in(daemon, server, alice);
    check_logs_in(daemon, server, bob);
    CHECK(mode_of("/home") == 0755);
}

} // namespace
