// repair --sshd: what keeps sshd from starting, or its clients out, and what that command makes of
// it, with a real sshd before and after.
#include "accounts.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "files.hpp"
#include "patience.hpp"
#include "process.hpp"
#include "ssh_server.hpp"

#include "catch.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <functional>
#include <string>
#include <unistd.h>
#include <vector>

namespace {

namespace fs = std::filesystem;
using namespace system_tests;
using Json = nlohmann::json;

constexpr int port = 2223;
constexpr Owner root{0, 0};
const fs::path config = "/etc/ssh/sshd_config";
const fs::path parts = "/etc/ssh/sshd_config.d";
const fs::path part = parts / "10-part.conf";
const fs::path host_key = "/etc/ssh/ssh_host_ed25519_key";
const fs::path separation_dir = "/run/sshd";

const std::string good = "Include /etc/ssh/sshd_config.d/*.conf\n"
                         "Port 2223\n"
                         "ListenAddress 127.0.0.1\n"
                         "HostKey /etc/ssh/ssh_host_ed25519_key\n"
                         "PidFile none\n"
                         "UsePAM no\n"
                         "UseDNS no\n"
                         "PasswordAuthentication no\n";

/// An sshd that is as it should be, and an account that it lets in.
struct Sound {
    Accounts accounts;
    Account alice;

    Sound() : alice(accounts.add("alice")) {
        if (fs::is_symlink(config) || !fs::is_regular_file(config))
            fs::remove(config);
        make_sound_directory("/etc/ssh");
        make_sound_directory(separation_dir);
        fs::remove_all(parts);
        make_sound_directory(parts);
        write_file(config, good, {0644, root});
        fs::remove(host_key);
        must_run({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", host_key});
    }

    static void make_sound_directory(const fs::path& path) {
        if (!is_there(path))
            make_directory(path, {0755, root});
        own(path, root);
        set_mode(path, 0755);
    }

    /// Does sshd start, and is alice let in?
    bool lets_in() const {
        Process sshd{{"/usr/sbin/sshd", "-D", "-e"}};
        if (!eventually([&] { return !sshd.running() || is_listening(port); }) || !sshd.running())
            return false;
        const auto ended = run({"ssh",
                                "-F",
                                "none",
                                "-p",
                                std::to_string(port),
                                "-i",
                                key_pair("client").secret,
                                "-o",
                                "BatchMode=yes",
                                "-o",
                                "IdentitiesOnly=yes",
                                "-o",
                                "StrictHostKeyChecking=no",
                                "-o",
                                "UserKnownHostsFile=/dev/null",
                                "-o",
                                "GlobalKnownHostsFile=/dev/null",
                                "-o",
                                "ConnectTimeout=20",
                                alice.name + "@127.0.0.1",
                                "id -un"});
        return ended.status == 0 && ended.out == "alice\n";
    }
};

Ended repair() { return ctl({"repair", "--sshd"}); }
Ended look() { return ctl({"repair", "--sshd", "--dry-run"}); }

Json steps_of(const Ended& ended) { return Json::parse(ended.out).at("steps"); }

bool has(const Json& steps, const std::string& check, const std::string& result) {
    for (const auto& step : steps)
        if (step.at("check") == check && step.at("result") == result)
            return true;
    return false;
}

struct Damage {
    std::string what;
    std::string check;
    std::function<void()> make;
};

const std::vector<Damage>& damages() {
    static const std::vector<Damage> all{
        {"no host key", "host_keys", [] { fs::remove(host_key); }},
        {"a host key that others can read", "host_keys", [] { set_mode(host_key, 0644); }},
        {"no directory for privilege separation", "directory", [] { fs::remove(separation_dir); }},
        {"an open directory for privilege separation", "directory",
         [] { set_mode(separation_dir, 0777); }},
        {"somebody's directory for privilege separation", "directory",
         [] {
             own(separation_dir, {1, 1});
         }},
        {"no account for privilege separation", "user",
         [] {
             must_run({"sed", "-i", "/^sshd:/d", "/etc/passwd"});
         }},
        {"a line that is no option", "config",
         [] {
             write_file(config, "lorem ipsum\n" + good, {0644, root});
         }},
        {"a part with two lines that are no options", "config",
         [] {
             write_file(part, "<<<<<<< HEAD\nPermitTTY yes\n=======\n", {0600, root});
         }},
    };
    return all;
}

TEST_CASE("what keeps sshd from starting is shown, repaired, and the client is let in",
          "[sshdrepair]") {
    const auto& damage = damages().at(GENERATE(range(std::size_t{0}, std::size_t{8})));
    INFO(damage.what);
    const Sound sound;
    damage.make();
    REQUIRE_FALSE(sound.lets_in());
    const auto before = snapshot("/etc/ssh");
    const auto passwd = read_file("/etc/passwd");
    const auto dir_before = is_there(separation_dir) ? mode_of(separation_dir) : 0;

    const auto shown = ctl({"repair", "--sshd", "--dry-run", "--json"});
    INFO(shown.out << shown.err);
    CHECK(shown.status == 1);
    CHECK(has(steps_of(shown), damage.check, "would_repair"));
    CHECK(differences(before, snapshot("/etc/ssh")) == "");
    CHECK((is_there(separation_dir) ? mode_of(separation_dir) : 0) == dir_before);
    CHECK(read_file("/etc/passwd") == passwd);

    const auto repaired = ctl({"repair", "--sshd", "--json"});
    INFO(repaired.out << repaired.err);
    CHECK(repaired.status == 0);
    CHECK(has(steps_of(repaired), damage.check, "repaired"));
    CHECK(has(steps_of(repaired), "accepted", "ok"));
    CHECK(sound.lets_in());
    CHECK(read_file("/var/lib/sshpermd/record/00000001.jsonl").find("sshd.repaired") !=
          std::string::npos);

    const auto after = snapshot("/etc/ssh");
    const auto again = repair();
    INFO(again.out);
    CHECK(again.status == 0);
    CHECK(again.out.find("repaired") == std::string::npos);
    CHECK(differences(after, snapshot("/etc/ssh")) == "");
}

TEST_CASE("all of it at once is repaired by one command", "[sshdrepair]") {
    const Sound sound;
    for (const auto& damage : damages())
        if ((damage.check != "directory" || is_there(separation_dir)) &&
            (damage.check != "host_keys" || is_there(host_key)))
            damage.make();
    REQUIRE_FALSE(sound.lets_in());

    CHECK(look().status == 1);
    const auto repaired = repair();

    INFO(repaired.out << repaired.err);
    CHECK(repaired.status == 0);
    CHECK(sound.lets_in());
}

TEST_CASE("a changed configuration is kept as it was, with a diff and its owner and mode",
          "[sshdrepair]") {
    const Sound sound;
    for (const std::string odd : {"lorem ipsum", "dolor sit", "amet nunc"}) { // within one second
        const auto text = good + odd + "\nPermitTTY yes\n";
        write_file(config, text, {0640, root});

        const auto repaired = ctl({"repair", "--sshd", "--json"});

        INFO(repaired.out << repaired.err);
        CHECK(repaired.status == 0);
        CHECK(is(config, {0640, root}));
        CHECK(read_file(config) == good + "# left out by sshpermctl: " + odd + "\nPermitTTY yes\n");
        std::string backup;
        for (const auto& step : steps_of(repaired))
            if (step.at("backup").is_string())
                backup = step.at("backup");
        REQUIRE_FALSE(backup.empty());
        CHECK(read_file(backup) == text);
        CHECK(is(backup, {0600, root}));
        CHECK(repaired.out.find("\\n-" + odd + "\\n+# left out") != std::string::npos);
    }
}

TEST_CASE("what leaving a line out could open is left to the operator", "[sshdrepair]") {
    const Sound sound;
    std::string words;
    SECTION("a good keyword with a bad argument") {
        write_file(config, good + "PermitRootLogin maybe\n", {0644, root});
        words = "the keyword is good";
    }
    SECTION("a misspelt keyword") {
        write_file(config, good + "PasswordAuthentcation no\n", {0644, root});
        words = "passwordauthentication";
    }
    SECTION("a keyword of another version") {
        write_file(config, good + "SshdSessionPath /x\n", {0644, root});
        words = "another version";
    }
    SECTION("a line of a Match block") {
        write_file(config, good + "Match User bob\n  lorem ipsum\n", {0644, root});
        words = "Match block";
    }
    SECTION("a part that a Match block includes") {
        write_file(config, good + "Match User bob\n  Include /etc/ssh/sshd_config.d/*.conf\n",
                   {0644, root});
        write_file(part, "lorem ipsum\n", {0644, root});
        words = "Match block";
    }
    SECTION("one of them behind a line that could be left out") {
        write_file(config, "lorem ipsum\n" + good + "PermitRootLogin maybe\n", {0644, root});
        words = "the keyword is good";
    }
    SECTION("a file elsewhere") {
        write_file("/etc/elsewhere", "lorem ipsum\n", {0644, root});
        write_file(config, good + "Include /etc/elsewhere\n", {0644, root});
        words = "not one of";
    }
    REQUIRE_FALSE(sound.lets_in());
    const auto before = snapshot("/etc/ssh");

    const auto ended = repair();

    INFO(ended.out << ended.err);
    CHECK(ended.status == 1);
    CHECK(ended.out.find("left") != std::string::npos);
    CHECK(ended.out.find(words) != std::string::npos);
    CHECK(differences(before, snapshot("/etc/ssh")) == "");
}

TEST_CASE("directories, configuration and host keys that others can write become root's alone",
          "[sshdrepair]") {
    const Sound sound;
    write_file(part, "PermitTTY yes\n", {0666, {1, 1}});
    set_mode("/etc/ssh", 0777);
    own(parts, {1, 1});
    set_mode(config, 0664);
    own(host_key, {1, 1});

    CHECK(look().status == 1);
    const auto ended = repair();

    INFO(ended.out << ended.err);
    CHECK(ended.status == 0);
    CHECK(is("/etc/ssh", {0755, root}));
    CHECK(is(parts, {0755, root}));
    CHECK(is(config, {0644, root}));
    CHECK(is(part, {0644, root}));
    CHECK(is(host_key, {0600, root}));
    CHECK(ended.out.find("consider new ones") != std::string::npos);
}

TEST_CASE("links and other names in the place of its files are left alone", "[sshdrepair]") {
    const Sound sound;
    write_file("/etc/victim", good, {0666, {1, 1}});
    SECTION("a linked configuration") {
        fs::remove(config);
        fs::create_symlink("/etc/victim", config);
    }
    SECTION("a linked part") { fs::create_symlink("/etc/victim", part); }
    SECTION("a hard link as a part") { fs::create_hard_link("/etc/victim", part); }
    SECTION("a linked host key") {
        fs::remove(host_key);
        fs::create_symlink("/etc/victim", host_key);
    }
    SECTION("a linked directory") {
        fs::remove_all("/etc/victim.d");
        fs::rename(parts, "/etc/victim.d");
        fs::create_directory_symlink("/etc/victim.d", parts);
        set_mode("/etc/victim.d", 0777);
    }

    const auto ended = repair();

    INFO(ended.out << ended.err);
    CHECK(ended.status == 1);
    CHECK(is("/etc/victim", {0666, {1, 1}}));
    CHECK(read_file("/etc/victim") == good);
    if (is_there("/etc/victim.d")) {
        CHECK(mode_of("/etc/victim.d") == 0777);
        fs::remove(parts);
        fs::remove_all("/etc/victim.d");
    }
}

TEST_CASE("a host key that is none is left, with the way to put it aside", "[sshdrepair]") {
    const Sound sound;
    write_file(host_key, "", {0600, root});
    REQUIRE_FALSE(sound.lets_in());

    const auto ended = repair();

    INFO(ended.out << ended.err);
    CHECK(ended.status == 1);
    CHECK(read_file(host_key).empty());
    must_run({"mv", host_key, host_key.native() + ".old"});
    CHECK(repair().status == 0);
    CHECK(sound.lets_in());
}

TEST_CASE("of the usual host keys one is enough, and existing ones are never touched",
          "[sshdrepair]") {
    const Sound sound;
    write_file(config, "Port 2223\nListenAddress 127.0.0.1\nUsePAM no\n", {0644, root});
    for (const auto* const type : {"rsa", "ecdsa"})
        fs::remove("/etc/ssh/ssh_host_" + std::string{type} + "_key");
    const auto before = snapshot("/etc/ssh");

    CHECK(look().status == 0);
    CHECK(repair().status == 0);

    CHECK(differences(before, snapshot("/etc/ssh")) == "");
}

TEST_CASE("it is root's alone, one at a time, and about no account", "[sshdrepair]") {
    const Sound sound;
    fs::remove(host_key);

    CHECK(run({environment("SSHPERMD_CTL"), "repair", "--sshd", "--dry-run"}, {1, 1}).status == 4);
    CHECK(ctl({"repair", "--sshd", "alice"}).status == 2);
    if (!is_there("/run/sshpermd"))
        make_directory("/run/sshpermd", {0755, root});
    const Process other{{"flock", "--close", "/run/sshpermd/sshd.lock", "sleep", "60"}};
    CHECK(eventually([&] {
        return run({"flock", "-n", "/run/sshpermd/sshd.lock", "true"}).status != 0;
    }));
    const auto ended = repair();
    CHECK(ended.status == 5);
    CHECK(ended.err.find("another sshpermctl") != std::string::npos);
    CHECK_FALSE(is_there(host_key));
}

TEST_CASE("it works beside the daemon, whose record has it", "[sshdrepair]") {
    const Sound sound;
    const Daemon daemon;
    set_mode(host_key, 0644);

    CHECK(repair().status == 0);

    CHECK(mode_of(host_key) == 0600);
    CHECK(ctl({"events"}).out.find("sshd.repaired") != std::string::npos);
}

} // namespace
