// Lockouts by a wrong owner: what root left behind in a home, with a real sshd and client.
#include "accounts.hpp"
#include "catch.hpp"
#include "daemon.hpp"
#include "files.hpp"
#include "patience.hpp"
#include "ssh_server.hpp"
#include "targets.hpp"

#include <chrono>
#include <csignal>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace fs = std::filesystem;
using namespace system_tests;

constexpr Owner root{0, 0};

/// What an administrator did, and whether sshd minds.
struct Accident {
    std::string name;
    bool locks_out;
    std::function<void(const Account&)> happen;
};

void give_all_to_root(const Account& account) {
    own(account.authorized_keys(), root);
    own(account.ssh_dir(), root);
    own(account.home, root);
}

const std::vector<Accident>& accidents() {
    static const std::vector<Accident> all{
        {"sudo tee ~/.ssh/authorized_keys with umask 077", true,
         [](const Account& account) { own(account.authorized_keys(), root); }},
        {"sudo cp of a key file", false,
         [](const Account& account) {
             own(account.authorized_keys(), root);
             set_mode(account.authorized_keys(), 0644);
         }},
        {"sudo chmod 000 and chown of the key", true,
         [](const Account& account) {
             own(account.authorized_keys(), root);
             set_mode(account.authorized_keys(), 0000);
         }},
        {"sudo mkdir -m 700 ~/.ssh, the key the account's own", true,
         [](const Account& account) { own(account.ssh_dir(), root); }},
        {"sudo mkdir ~/.ssh and sudo tee of the key", true,
         [](const Account& account) {
             own(account.ssh_dir(), root);
             set_mode(account.ssh_dir(), 0755);
             own(account.authorized_keys(), root);
         }},
        {"sudo chown -R root:root ~", true, give_all_to_root},
        {"sudo chown -R root:root ~ and chmod -R 000", true,
         [](const Account& account) {
             give_all_to_root(account);
             for (const auto& path : {account.authorized_keys(), account.ssh_dir(), account.home})
                 set_mode(path, 0000);
         }},
    };
    return all;
}

/// make_home's bystanders in .ssh would be strangers to a .ssh of root's.
Account add_plain(Accounts& accounts, const std::string& name) {
    const auto account = accounts.add(name);
    for (const auto& entry : fs::directory_iterator{account.ssh_dir()})
        if (!entry.path().filename().string().starts_with("authorized_keys"))
            fs::remove_all(entry.path());
    return account;
}

TEST_CASE("whom root's files lock out, logs in again", "[takeover]") {
    Accounts accounts;
    const SshServer sshd;
    std::vector<Account> users;
    for (std::size_t i = 0; i < accidents().size(); ++i)
        users.push_back(add_plain(accounts, "user" + std::to_string(i)));
    const bool live = GENERATE(false, true);
    if (!live)
        for (std::size_t i = 0; i < users.size(); ++i) {
            accidents()[i].happen(users[i]);
            INFO(accidents()[i].name << "\n" << describe(users[i]));
            CHECK(sshd.login(users[i]).accepted != accidents()[i].locks_out);
        }

    Daemon daemon;
    if (live)
        for (std::size_t i = 0; i < users.size(); ++i)
            accidents()[i].happen(users[i]);

    for (std::size_t i = 0; i < users.size(); ++i) {
        INFO(accidents()[i].name << "\n"
                                 << describe(users[i]) << "\n"
                                 << daemon.story(users[i].name));
        CHECK(eventually([&] { return is_whole(users[i]); }));
        CHECK(sshd.login(users[i]).accepted);
    }
    CHECK(daemon.events("repair.failed").empty());
}

TEST_CASE("killed at any moment, the next daemon finishes what was begun", "[takeover]") {
    Accounts accounts;
    const auto alice = add_plain(accounts, "alice");
    constexpr int kills = 40;
    int unfinished = 0;

    for (int i = 0; i < kills; ++i) {
        {
            Daemon daemon;
            const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds{3 * i};
            while (std::chrono::steady_clock::now() < end)
                own(alice.authorized_keys(), root);
        } // SIGKILL
        unfinished += is_whole(alice) ? 0 : 1;
        Daemon next;
        INFO("kill " << i << "\n" << describe(alice) << "\n" << next.story("alice"));
        REQUIRE(eventually([&] { return is_whole(alice); }));
    }
    CHECK(unfinished > 0);
}

} // namespace
