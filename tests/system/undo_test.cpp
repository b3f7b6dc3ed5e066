// undo: a repair that is taken back leaves the very object as it was found, with its content, and
// stays so; where it may not be taken back nothing changes at all, the configuration included.
#include "accounts.hpp"
#include "adversary/attacker.hpp"
#include "adversary/stage.hpp"
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "files.hpp"
#include "http.hpp"
#include "ssh_server.hpp"
#include "targets.hpp"

#include <cstdio>
#include <fcntl.h>
#include <optional>
#include <string>
#include <unistd.h>

namespace {

namespace fs = std::filesystem;
using namespace system_tests;

const Arguments to_stderr{"--log-target", "stderr"};
const Attributes roots_file{0644, {0, 0}};

/// The site's configuration, empty when made: undo writes into it.
class Site {
  public:
    explicit Site(const std::string& text = R"({"flap": {"burst": 1000}})") {
        fs::remove_all("/etc/sshpermd");
        make_directory("/etc/sshpermd", {0755, {0, 0}});
        write_file("/etc/sshpermd/sshpermd.json", text, roots_file);
    }
    ~Site() { fs::remove_all("/etc/sshpermd"); }
    Site(const Site&) = delete;
    Site& operator=(const Site&) = delete;
};

fs::path override_of(const std::string& user) {
    return "/etc/sshpermd/conf.d/90-undo-" + user + ".json";
}

void start(std::optional<Daemon>& daemon) {
    daemon.emplace(to_stderr);
    REQUIRE(daemon->reports("scan.completed"));
}

/// What can be undone, the latest first; the record may be a moment behind the repair.
Json undoable() {
    const auto ended = ctl({"undo", "--json"});
    INFO(ended.out << ended.err);
    REQUIRE(ended.status == 0);
    return Json::parse(ended.out).at("repairs");
}

/// Waits for the repair of this path and gives its id.
std::string id_of_repair(const fs::path& path) {
    std::string id;
    const bool found = eventually([&] {
        for (const auto& repair : undoable())
            if (repair.at("path") == path.native()) {
                id = repair.at("event");
                return true;
            }
        return false;
    });
    REQUIRE(found);
    return id;
}

/// It is wrong as `break_it` makes it, and repaired: by the daemon, or by hand.
template <typename Break>
std::string repaired(std::optional<Daemon>& daemon, const Account& account, const fs::path& path,
                     Break break_it) {
    break_it();
    if (!daemon)
        REQUIRE(ctl({"repair", account.name}).status == 0);
    return id_of_repair(path);
}

Json undone(const std::string& what, int status = 0) {
    const auto ended = ctl({"undo", "--json", "--yes", what});
    INFO(ended.out << ended.err);
    CHECK(ended.status == status);
    return Json::parse(ended.out);
}

TEST_CASE("a repair that is undone is as it was, and stays so", "[undo]") {
    const SshServer sshd;
    const bool with_daemon = GENERATE(false, true);
    const auto was = GENERATE(0755, 0711, 0500);
    const Site site;
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto bob = accounts.add("bob");
    std::optional<Daemon> daemon;
    set_mode(alice.ssh_dir(), static_cast<mode_t>(was));
    const auto before = snapshot(alice.home);
    if (with_daemon)
        start(daemon); // and it repairs at once
    const auto id = repaired(daemon, alice, alice.ssh_dir(), [] {});
    REQUIRE(mode_of(alice.ssh_dir()) == 0700);

    const auto said = undone("alice");

    INFO(said.dump(2));
    CHECK(said.at("result") == "undone");
    CHECK(said.at("event") == id);
    CHECK(differences(before, snapshot(alice.home)) == "");
    CHECK(is(override_of("alice"), roots_file));
    if (daemon) {
        wait_for_a_round(*daemon, bob);
        REQUIRE(daemon->reports("repair.undone", "alice"));
        const auto event = daemon->events("repair.undone", "alice").front();
        CHECK(event.at("undone") == id);
        CHECK(event.at("request").at("uid") == 0);
        CHECK(daemon->events("permission.repaired", "alice").size() == 1);
        CHECK(daemon->events("repair.interrupted").empty());
    }
    CHECK(ctl({"check", "alice"}).status == 0);
    CHECK(ctl({"repair", "alice"}).status == 0);
    CHECK(differences(before, snapshot(alice.home)) == "");
    CHECK(sshd.login(alice).accepted);
    CHECK(undone(id, 1).at("reason") == "already_undone");
}

TEST_CASE("what others could write is given back only to who says yes, and teaches nothing",
          "[undo]") {
    const SshServer sshd;
    const Site site;
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto bob = accounts.add("bob");
    std::optional<Daemon> daemon;
    start(daemon);
    REQUIRE(sshd.login(alice).accepted);
    const auto id =
        repaired(daemon, alice, alice.ssh_dir(), [&] { set_mode(alice.ssh_dir(), 0777); });

    const auto asked = ctl({"undo", "--json", id});
    CHECK(asked.status == 1);
    CHECK(Json::parse(asked.out).at("reason") == "not_confirmed");
    CHECK_FALSE(is_there(override_of("alice")));
    CHECK(mode_of(alice.ssh_dir()) == 0700);

    const auto said = undone(id);

    INFO(said.dump(2));
    CHECK(mode_of(alice.ssh_dir()) == 0777);
    CHECK(said.at("configured").at("ssh_dir").at("ignore") == true);
    wait_for_a_round(*daemon, bob);
    CHECK(mode_of(alice.ssh_dir()) == 0777);
    CHECK_FALSE(sshd.login(alice).accepted);

    // An intruder's key of that time is not the account's when the directory is protected again.
    const auto intruder = key_pair("new");
    write_file(alice.authorized_keys(), read_file(alice.authorized_keys()) + intruder.line,
               {0600, owner(alice)});
    wait_for_a_round(*daemon, bob);
    fs::remove(override_of("alice"));
    REQUIRE(ctl({"reload"}).status == 0);
    INFO(daemon->story("alice"));
    CHECK(daemon->reports("repair.withheld", "alice"));
    CHECK_FALSE(sshd.login(alice, intruder).accepted);

    // And what is withheld is not opened by undoing.
    const auto withheld = daemon->events("repair.withheld", "alice").front();
    const auto refused = undone(withheld.at("id"), 1);
    CHECK(refused.at("reason") == "content_unknown");
    CHECK(text_at(refused, "/fix").find("--trust-content=SHA256:") != std::string::npos);
}

TEST_CASE("what was taken over goes back to whom it belonged, and to nobody else", "[undo]") {
    const bool with_daemon = GENERATE(false, true);
    const Site site;
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto bob = accounts.add("bob");
    std::optional<Daemon> daemon;
    if (with_daemon)
        start(daemon);
    const auto target = GENERATE(Target::authorized_keys, Target::ssh_dir, Target::home);
    const auto path = path_of(target, alice);
    const mode_t mode = target == Target::authorized_keys ? 0600 : 0700;
    const auto id = repaired(daemon, alice, path, [&] { own(path, {0, 0}); });
    REQUIRE(is(path, {mode, owner(alice)}));
    auto before = snapshot(alice.home);

    const auto said = undone(id);

    INFO(said.dump(2));
    CHECK(said.at("configured").at(name_of(target)).at("ignore") == true);
    CHECK(is(path, {mode, {0, 0}}));
    before.at(path).owner = {0, 0};
    CHECK(differences(before, snapshot(alice.home)) == "");
    if (daemon) {
        wait_for_a_round(*daemon, bob);
        CHECK(daemon->events("permission.repaired", "alice").size() == 1);
        CHECK(daemon->events("repair.undone", "alice").size() == 1);
    }
    CHECK(is(path, {mode, {0, 0}}));
    ctl({"repair", "alice"});
    CHECK(is(path, {mode, {0, 0}}));
}

TEST_CASE("what is no longer what the repair made is left alone, with the word for it", "[undo]") {
    const bool with_daemon = GENERATE(false, true);
    const Site site;
    Accounts accounts;
    const auto alice = accounts.add("alice");
    std::optional<Daemon> daemon;
    if (with_daemon)
        start(daemon);
    const auto id = repaired(daemon, alice, alice.authorized_keys(), [&] {
        own(alice.authorized_keys(), {0, 0});
    });
    const std::string reason =
        GENERATE("another_object", "hard_linked", "being_written", "missing", "symlink");
    std::optional<Process> writer;
    const auto keys = alice.authorized_keys();
    const auto text = read_file(keys);
    if (reason == "another_object") {
        fs::rename(keys, alice.home / "old");
        write_file(keys, text, {0600, owner(alice)});
    } else if (reason == "hard_linked") {
        fs::create_hard_link(keys, alice.home / "other");
    } else if (reason == "missing") {
        fs::remove(keys);
    } else if (reason == "symlink") {
        fs::rename(keys, alice.home / "old");
        fs::create_symlink("../old", keys);
    } else {
        writer.emplace(
            Arguments{"sh", "-c", "exec 3>>" + keys.native() + "; echo ready; sleep 60"});
        REQUIRE(eventually([&] { return writer->out() == "ready\n"; }));
    }
    const auto before = snapshot(alice.home);

    const auto said = undone(id, 1);

    INFO(said.dump(2));
    CHECK(said.at("result") == "refused");
    CHECK(said.at("reason") == (reason == "symlink" ? "another_object" : reason));
    CHECK_FALSE(text_at(said, "/why").empty());
    CHECK(differences(before, snapshot(alice.home)) == "");
    CHECK_FALSE(is_there(override_of("alice")));
    if (daemon)
        CHECK(daemon->events("repair.undone").empty());
}

TEST_CASE("set-id bits are not given back, and that is said", "[undo]") {
    const Site site;
    Accounts accounts;
    const auto alice = accounts.add("alice");
    std::optional<Daemon> daemon;
    const auto id = repaired(daemon, alice, alice.home, [&] { set_mode(alice.home, 07755); });

    const auto said = undone(id);

    CHECK(said.at("dropped") == "7000");
    CHECK(mode_of(alice.home) == 0755);

    set_mode(alice.ssh_dir(), 02700);
    REQUIRE(ctl({"repair", "alice"}).status == 0);
    CHECK(undone("alice", 1).at("reason") == "special_bits");
}

TEST_CASE("a second undo keeps what the first has written, and what somebody added to it",
          "[undo]") {
    const Site site;
    Accounts accounts;
    const auto alice = accounts.add("alice");
    std::optional<Daemon> daemon;
    start(daemon);
    const auto home = repaired(daemon, alice, alice.home, [&] { set_mode(alice.home, 0755); });
    const auto dir =
        repaired(daemon, alice, alice.ssh_dir(), [&] { set_mode(alice.ssh_dir(), 0711); });
    undone(home);
    auto text = read_file(override_of("alice"));
    text.replace(text.find("\"overrides\": ["), 14,
                 R"("overrides": [ {"users": ["web*"], "home": {"accept": ["0711"]}}, )");
    write_file(override_of("alice"), text, roots_file);

    undone(dir);

    INFO(read_file(override_of("alice")));
    CHECK(read_file(override_of("alice")).find("web*") != std::string::npos);
    wait_for_a_round(*daemon, accounts.add("bob"));
    CHECK(mode_of(alice.home) == 0755);
    CHECK(mode_of(alice.ssh_dir()) == 0711);
}

TEST_CASE("a home root is given back only as far as all below it stays protected", "[undo]") {
    const Site site;
    Accounts accounts;
    const auto alice = accounts.add("alice");
    std::optional<Daemon> daemon;
    start(daemon);
    const auto good = repaired(daemon, alice, "/home", [] { set_mode("/home", 0711); });
    const auto bad = [&] {
        set_mode("/home", 0777);
        REQUIRE(eventually([&] { return mode_of("/home") == 0755; }));
        std::string id;
        REQUIRE(eventually([&] {
            for (const auto& event : daemon->events("permission.repaired"))
                if (text_at(event, "/before/mode") == "0777")
                    id = event.at("id");
            return !id.empty();
        }));
        return id;
    }();

    std::string reason;
    REQUIRE(eventually([&] {
        const auto ended = ctl({"undo", "--json", "--yes", bad});
        reason = text_at(Json::parse(ended.out), "/reason");
        return reason != "not_on_record";
    }));
    CHECK(reason == "unsafe_root");
    CHECK(mode_of("/home") == 0755);

    undone(good);

    wait_for_a_round(*daemon, alice);
    CHECK(mode_of("/home") == 0711);
    CHECK(is("/etc/sshpermd/conf.d/90-undo.json", roots_file));
    set_mode("/home", 0755);
}

TEST_CASE("where the daemon does not read what undo writes, nothing is changed", "[undo]") {
    const Site site;
    Accounts accounts;
    const auto alice = accounts.add("alice");
    std::optional<Daemon> daemon{std::in_place, Json::object()}; // with --config
    const auto id = repaired(daemon, alice, alice.home, [&] { set_mode(alice.home, 0755); });

    const auto said = undone(id, 1);

    CHECK(said.at("reason") == "not_kept");
    CHECK(mode_of(alice.home) == 0700);
    CHECK_FALSE(is_there(override_of("alice")));
}

TEST_CASE("undo is done in a pause, and beside a daemon that only observes", "[undo]") {
    const bool is_paused = GENERATE(true, false);
    const Site site;
    Accounts accounts;
    const auto alice = accounts.add("alice");
    std::optional<Daemon> daemon;
    const auto id = repaired(daemon, alice, alice.home, [&] { set_mode(alice.home, 0755); });
    if (!is_paused)
        write_file("/etc/sshpermd/sshpermd.json", R"({"mode": "observe"})", roots_file);
    start(daemon);
    if (is_paused)
        REQUIRE(ctl({"pause", "--for", "1h", "--reason", "test"}).status == 0);

    undone(id);

    CHECK(mode_of(alice.home) == 0755);
    CHECK(ctl({"check", "alice"}).status == 0);
    CHECK(daemon->events("drift.detected", "alice").empty());
}

TEST_CASE("what the command line does not make clear is refused", "[undo]") {
    const Site site;
    Accounts accounts;
    const auto alice = accounts.add("alice");

    CHECK(undoable().empty());
    CHECK(ctl({"undo", "--last"}).status == 1);
    CHECK(ctl({"undo", "alice"}).status == 1);
    CHECK(ctl({"undo", "nobody-here"}).status == 5);
    CHECK(ctl({"undo", "--config", write_config(Json::object()), "alice"}).status == 2);
    CHECK(ctl({"undo", "--last", "9d1c6d06-4d7e-4d4d-8f43-7b8f7b8e6f0e"}).status == 2);
    CHECK(undone("9d1c6d06-4d7e-4d4d-8f43-7b8f7b8e6f0e", 1).at("reason") == "not_on_record");
    CHECK(ctl({"undo"}, {alice.uid, alice.gid}).status == 4);
}

TEST_CASE("a repair of another machine is not undone on this one", "[undo]") {
    const Site site;
    Accounts accounts;
    const auto alice = accounts.add("alice");
    std::optional<Daemon> daemon;
    const auto id = repaired(daemon, alice, alice.home, [&] { set_mode(alice.home, 0755); });
    write_file("/etc/machine-id", "0123456789abcdef0123456789abcdef\n", roots_file);

    CHECK(undone(id, 1).at("reason") == "other_machine");
    CHECK(mode_of(alice.home) == 0700);
    fs::remove("/etc/machine-id");
}

/// He swaps his key file with a link to another's file, over and over, and undoing gives nothing of
/// that away.
TEST_CASE("who swaps names beside an undo gains nothing", "[undo]") {
    const bool is_naive = GENERATE(true, false);
    const Site site;
    Accounts accounts;
    const auto mallory = accounts.add("mallory");
    const auto victim = accounts.add("victim");
    const auto secret = victim.home / "secret";
    write_file(secret, "secret\n", {0640, owner(victim)});
    std::optional<Daemon> daemon;
    const auto keys = mallory.authorized_keys();
    const int file = ::open(keys.c_str(), O_PATH | O_CLOEXEC);
    REQUIRE(file >= 0);
    fs::create_symlink(secret, mallory.ssh_dir() / "other");
    adversary::Busy attacker{&mallory, [&](adversary::Shared& shared) {
                                 const auto other = mallory.ssh_dir() / "other";
                                 while (!shared.over) {
                                     renameat2(AT_FDCWD, keys.c_str(), AT_FDCWD, other.c_str(),
                                               RENAME_EXCHANGE);
                                     ++shared.count;
                                 }
                             }};
    const auto end = adversary::Clock::now() + adversary::duration();
    unsigned rounds = 0;
    while (adversary::Clock::now() < end && is(secret, {0640, owner(victim)})) {
        ++rounds;
        if (is_naive) {
            must_run({"chown", "0:0", keys});
            continue;
        }
        if (fchownat(file, "", 0, 0, AT_EMPTY_PATH) != 0)
            break; // wherever it is by now
        ctl({"repair", "mallory"});
        ctl({"undo", "--yes", "mallory"});
        fs::remove(override_of("mallory"));
    }

    ::close(file);
    CHECK(attacker.end() > 0);
    CHECK(rounds > 0);
    CHECK(is(secret, {0640, owner(victim)}) == !is_naive);
}

} // namespace
