// Homes that sshd confines accounts to: they stay root's, and nobody else's home waits for them.
#include "accounts.hpp"
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "files.hpp"
#include "patience.hpp"
#include "ssh_server.hpp"
#include "targets.hpp"

#include <chrono>
#include <filesystem>
#include <string>

namespace {

namespace fs = std::filesystem;
using namespace system_tests;

constexpr Owner root{0, 0};
const fs::path config = "/etc/ssh/sshd_config";
const fs::path sshd = "/usr/sbin/sshd";

/// The machine's sshd_config for the time of a test, with a host key that belongs to it.
class SshdConfig {
  public:
    explicit SshdConfig(const std::string& text) : was_(read_file(config)) {
        const fs::path key = "/run/chroot-test-key";
        if (!is_there(key))
            must_run({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key});
        write_file(config, "HostKey " + key.native() + "\n" + text, {0644, root});
    }
    ~SshdConfig() { write_file(config, was_, {0644, root}); }
    SshdConfig(const SshdConfig&) = delete;
    SshdConfig& operator=(const SshdConfig&) = delete;

  private:
    std::string was_;
};

/// A script in the place of sshd, bound over it, for the time of a test.
class StandIn {
  public:
    explicit StandIn(const std::string& script) {
        const fs::path path = "/run/stand-in";
        write_file(path, "#!/bin/sh\n" + script + "\n", {0755, root});
        must_run({"mount", "--bind", path, sshd});
    }
    ~StandIn() { run({"umount", sshd}); }
    StandIn(const StandIn&) = delete;
    StandIn& operator=(const StandIn&) = delete;
};

/// A group of one member beside their own.
void add_group(const std::string& name, const Account& member) {
    const auto groups = read_file("/etc/group");
    write_file("/etc/group", groups + name + ":x:19999:" + member.name + "\n", {0644, root});
}

/// As an administrator makes it for a ChrootDirectory, or as a wrong chown leaves it.
void give_home_to_root(const Account& account, mode_t mode) {
    own(account.home, root);
    set_mode(account.home, mode);
}

constexpr const char* sftponly = "Match Group sftponly\n    ChrootDirectory %h\n";

TEST_CASE("the home of a chroot stays root's, another account's of the same machine comes back",
          "[chroot]") {
    Accounts accounts;
    const auto inmate = accounts.add("inmate");
    const auto alice = accounts.add("alice");
    const auto bystander = accounts.add("bystander");
    add_group("sftponly", inmate);
    const SshdConfig machine{sftponly};
    const mode_t mode = GENERATE(0700U, 0777U, 0000U);
    give_home_to_root(inmate, mode);
    give_home_to_root(alice, 0700);
    const auto before = snapshot(inmate.home);

    Daemon daemon;

    INFO(daemon.story("inmate") << daemon.story("alice"));
    CHECK(eventually([&] { return is_whole(alice); }));
    wait_for_a_round(daemon, bystander);
    CHECK(differences(before, snapshot(inmate.home)) == "");
    CHECK(daemon.events("permission.repaired", "inmate").empty());
}

TEST_CASE("the home of a chroot that works is left alone with everything below it", "[chroot]") {
    Accounts accounts;
    const auto inmate = accounts.add("inmate");
    const auto bystander = accounts.add("bystander");
    add_group("sftponly", inmate);
    const SshdConfig machine{sftponly};
    give_home_to_root(inmate, 0755);
    Daemon daemon;
    SECTION("as it should be") {}
    SECTION("drifted") { set_mode(inmate.home, 0777); }
    const auto before = snapshot(inmate.home);

    wait_for_a_round(daemon, bystander);

    CHECK(differences(before, snapshot(inmate.home)) == "");
}

TEST_CASE("the home of a chroot is suggested to be left alone, a wrong chown's is not",
          "[chroot]") {
    Accounts accounts;
    const auto inmate = accounts.add("inmate");
    const auto alice = accounts.add("alice");
    add_group("sftponly", inmate);
    const SshdConfig machine{sftponly};
    give_home_to_root(inmate, 0755);
    give_home_to_root(alice, 0755);

    const auto ended = run({sshpermctl(), "config", "suggest"});

    INFO(ended.out << ended.err);
    CHECK(ended.status == 0);
    CHECK(ended.out.find("    // /home/inmate is root's, and sshd confines inmate to it "
                         "(ChrootDirectory)\n    {\"users\":[\"inmate\"],\"home\":{\"ignore\":"
                         "true}}\n") != std::string::npos);
    CHECK(ended.out.find("alice") == std::string::npos);
}

TEST_CASE("an account joins the group of a chroot, and its home is left alone from then on",
          "[chroot]") {
    Accounts accounts;
    const auto inmate = accounts.add("inmate");
    const auto bystander = accounts.add("bystander");
    const SshdConfig machine{sftponly};
    Daemon daemon;
    give_home_to_root(inmate, 0700);
    CHECK(eventually([&] { return is_whole(inmate); }));

    add_group("sftponly", inmate);
    give_home_to_root(inmate, 0700);
    wait_for_a_round(daemon, bystander);

    CHECK(is(inmate.home, {0700, root}));
}

TEST_CASE("what sshd could not answer while the machine started is asked again when it can",
          "[chroot]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const SshdConfig machine{sftponly};
    const fs::path privsep = "/run/sshd"; // ssh.service makes it, and is started after us
    fs::remove(privsep);
    give_home_to_root(alice, 0700);
    Daemon daemon;

    make_directory(privsep, {0755, root});
    set_mode(alice.home, 0711);
    set_mode(alice.home, 0700);

    INFO(daemon.story("alice"));
    CHECK(eventually([&] { return is_whole(alice); }));
}

TEST_CASE("an sshd that does not answer leaves its homes alone and keeps nobody waiting",
          "[chroot]") {
    Accounts accounts;
    const auto many = accounts.add("blocked", 30);
    const auto bystander = accounts.add("bystander");
    const SshdConfig machine{sftponly};
    for (const auto& account : many)
        give_home_to_root(account, 0700);
    const std::string script = GENERATE("exec sleep 600", "sleep 600 & wait", "exit 255");
    const StandIn silent{script};
    open_up(bystander);
    const auto start = std::chrono::steady_clock::now();

    Daemon daemon;

    INFO(script);
    CHECK(eventually([&] { return is_whole(bystander); }));
    wait_for_a_round(daemon, bystander);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{15});
    for (const auto& account : many)
        CHECK(is(account.home, {0700, root}));
    CHECK(daemon.stop() == 0);
    CHECK(run({"pgrep", "-x", "sleep"}).status == 1); // nothing of it is left
}

} // namespace
