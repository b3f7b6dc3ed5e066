// Client files: private keys and ~/.ssh/config keep a mode with which a real ssh takes them, where
// the configuration asks for it, and whatever else is in a `.ssh` is left alone.
#include "accounts.hpp"
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "files.hpp"
#include "process.hpp"
#include "ssh_server.hpp"
#include "targets.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>

namespace {

namespace fs = std::filesystem;
using namespace system_tests;

const Json with_client_files{{"private_keys", true}, {"client_config", true}};

fs::path private_key(const Account& account) { return account.ssh_dir() / "id_ed25519"; }
fs::path ssh_config(const Account& account) { return account.ssh_dir() / "config"; }

/// As its owner would have made them, both as they should be.
void make_client_files(const Account& account) {
    write_file(private_key(account), read_file(key_pair("client").secret), {0600, owner(account)});
    write_file(ssh_config(account), "Host x\n  User y\n", {0600, owner(account)});
}

/// What the account's own ssh says of its configuration, and ssh-keygen of its key: both read them
/// as a login to elsewhere would.
Ended read_config(const Account& account) {
    return run({"/usr/bin/ssh", "-G", "x"}, {account.uid, account.gid});
}
Ended read_key(const Account& account) {
    return run({"/usr/bin/ssh-keygen", "-y", "-P", "", "-f", private_key(account)},
               {account.uid, account.gid});
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

TEST_CASE("a private key and a configuration that ssh refuses are repaired, and ssh takes them",
          "[client]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    make_client_files(alice);
    Daemon daemon{with_client_files};
    daemon.process().signal(SIGSTOP);
    set_mode(private_key(alice), 0644);
    set_mode(ssh_config(alice), 0666);
    CHECK(contains(read_key(alice).err, "UNPROTECTED PRIVATE KEY FILE"));
    CHECK(contains(read_config(alice).err, "Bad owner or permissions"));
    daemon.process().signal(SIGCONT);

    CHECK(eventually([&] { return mode_of(private_key(alice)) == 0600; }));
    CHECK(eventually([&] { return mode_of(ssh_config(alice)) == 0600; }));
    CHECK(read_key(alice).status == 0);
    CHECK(read_config(alice).status == 0);
    REQUIRE(eventually([&] { return daemon.events("permission.repaired", "alice").size() == 2; }));
    for (const auto& event : daemon.events("permission.repaired", "alice")) {
        INFO(event.dump(2));
        const bool is_key = text_at(event, "/target") == "private_key";
        CHECK(text_at(event, "/target") == (is_key ? "private_key" : "ssh_config"));
        CHECK(text_at(event, "/file/path") ==
              (is_key ? private_key(alice) : ssh_config(alice)).native());
        CHECK(event.at("blocks_login") == false);
        CHECK(event.at("reasons") == Json::array({"too_open"}));
    }
}

TEST_CASE("what is wrong before the start, or made wrong by a move or a write, is repaired",
          "[client]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    make_client_files(alice);
    set_mode(private_key(alice), 0);
    set_mode(ssh_config(alice), 0777);

    Daemon daemon{with_client_files};

    CHECK(eventually([&] { return mode_of(private_key(alice)) == 0600; }));
    CHECK(eventually([&] { return mode_of(ssh_config(alice)) == 0600; }));
    write_file(alice.home / "moved", read_file(private_key(alice)), {0644, owner(alice)});
    fs::rename(alice.home / "moved", alice.ssh_dir() / "id_rsa_prod");
    CHECK(eventually([&] { return mode_of(alice.ssh_dir() / "id_rsa_prod") == 0600; }));
}

TEST_CASE("modes that are accepted stay, and public keys and what only has the name", "[client]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto bob = accounts.add("bob");
    make_client_files(alice);
    set_mode(private_key(alice), 0400);
    set_mode(ssh_config(alice), 0644);
    write_file(alice.ssh_dir() / "id_notes", "which key is for what\n", {0644, owner(alice)});
    write_file(alice.ssh_dir() / "id_ed25519.pub", key_pair("client").line, {0644, owner(alice)});
    write_file(alice.ssh_dir() / "prod.pem", read_file(private_key(alice)), {0644, owner(alice)});
    make_directory(alice.ssh_dir() / "id_dir", {0755, owner(alice)});
    REQUIRE(mkfifo((alice.ssh_dir() / "id_fifo").c_str(), 0666) == 0);
    own(alice.ssh_dir() / "id_fifo", owner(alice));
    const auto before = snapshot(alice.home);

    Daemon daemon{with_client_files};
    wait_for_a_round(daemon, bob);

    CHECK(differences(before, snapshot(alice.home)) == "");
    CHECK(daemon.events("permission.repaired", "alice").empty());
    CHECK(daemon.events("repair.refused", "alice").empty());
}

TEST_CASE("unless the configuration asks for it nobody touches them", "[client]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto bob = accounts.add("bob");
    make_client_files(alice);
    set_mode(private_key(alice), 0644);
    set_mode(ssh_config(alice), 0666);

    Daemon daemon;
    wait_for_a_round(daemon, bob);

    CHECK(mode_of(private_key(alice)) == 0644);
    CHECK(mode_of(ssh_config(alice)) == 0666);

    write_config(with_client_files);
    daemon.process().signal(SIGHUP);
    CHECK(eventually([&] { return mode_of(private_key(alice)) == 0600; }));
    CHECK(eventually([&] { return mode_of(ssh_config(alice)) == 0600; }));
}

TEST_CASE("another owner's private key is refused once, and a configuration of root's is as good",
          "[client]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto bob = accounts.add("bob");
    make_client_files(alice);
    write_file(private_key(alice), read_file(private_key(alice)), {0644, {0, 0}});
    write_file(ssh_config(alice), "Host x\n", {0644, {0, 0}});

    Daemon daemon{with_client_files};

    REQUIRE(daemon.reports("repair.refused", "alice"));
    set_mode(private_key(bob).parent_path(), 0755);
    wait_for_a_round(daemon, bob);
    const auto refused = daemon.events("repair.refused", "alice");
    REQUIRE(refused.size() == 1);
    CHECK(text_at(refused[0], "/target") == "private_key");
    CHECK(refused[0].at("reasons") == Json::array({"foreign_owner"}));
    CHECK(is(private_key(alice), {0644, {0, 0}}));
    CHECK(is(ssh_config(alice), {0644, {0, 0}}));
    const auto users = Json::parse(run({sshpermctl(), "users", "--json"}).out);
    CHECK(users.at("users").at(0).at("state") == "protected"); // it can log in
}

TEST_CASE("a name that leads to somebody else's file changes nothing there", "[client]") {
    Accounts accounts;
    const auto mallory = accounts.add("mallory");
    const auto bob = accounts.add("bob");
    make_client_files(bob);
    set_mode(private_key(bob), 0644);
    fs::remove(private_key(mallory));
    fs::create_symlink(private_key(bob), private_key(mallory));
    fs::create_hard_link(private_key(bob), mallory.ssh_dir() / "id_linked");
    fs::create_symlink("/etc/passwd", ssh_config(mallory));
    const auto victims = snapshot(bob.home);
    const auto passwd = snapshot("/etc/passwd");

    {
        Daemon daemon{Json{{"private_keys", true},
                           {"client_config", true},
                           {"users", {{"exclude", Json::array({"bob"})}}}}};
        CHECK(daemon.reports("repair.refused", "mallory")); // the hard link
        set_mode(mallory.home, 0755);
        CHECK(eventually([&] { return mode_of(mallory.home) == 0700; }));
        CHECK(daemon.stop() == 0);
    }

    CHECK(differences(victims, snapshot(bob.home)) == "");
    CHECK(differences(passwd, snapshot("/etc/passwd")) == "");
    // The control: by its path it is the neighbour's that changes.
    REQUIRE(chmod(private_key(mallory).c_str(), 0600) == 0);
    CHECK(mode_of(private_key(bob)) == 0600);
}

TEST_CASE("a `.ssh` full of names keeps nobody waiting, and is told of a few times a minute",
          "[client]") {
    Accounts accounts;
    const auto mallory = accounts.add("mallory");
    const auto bob = accounts.add("bob");
    make_client_files(bob);
    const auto key = read_file(private_key(bob));
    Daemon daemon{with_client_files};

    const auto told = [&] { return daemon.events("repair.refused", "mallory").size(); };
    const auto fill = [&](const std::string& prefix) {
        for (int i = 0; i < 400; ++i)
            write_file(mallory.ssh_dir() / (prefix + std::to_string(i)), key, {0644, {0, 0}});
    };
    fill("id_");
    set_mode(private_key(bob), 0644);
    CHECK(eventually([&] { return mode_of(private_key(bob)) == 0600; }));
    CHECK(eventually([&] { return told() >= 15; })); // a moment later: they are new
    fs::remove_all(mallory.ssh_dir());
    make_directory(mallory.ssh_dir(), {0700, owner(mallory)});
    fill("id_other_");

    CHECK(eventually([&] { return told() == 20; }));
    wait_for_a_round(daemon, bob);
    CHECK(told() == 20);
}

TEST_CASE("check and repair by hand see them as the daemon does", "[client]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    make_client_files(alice);
    set_mode(private_key(alice), 0640);
    const auto config = write_config(with_client_files);

    const auto checked = ctl({"check", "--json", "--config", config, "alice"});
    CHECK(checked.status == 1);
    const auto findings = Json::parse(checked.out).at("findings");
    const auto& last = findings.at(findings.size() - 2);
    INFO(last.dump(2));
    CHECK(last.at("target") == "private_key");
    CHECK(last.at("result") == "drift");
    CHECK(findings.back().at("target") == "ssh_config");
    CHECK(findings.back().at("result") == "compliant");

    CHECK(ctl({"repair", "--config", config, "alice"}).status == 0);
    CHECK(mode_of(private_key(alice)) == 0600);
}

} // namespace
