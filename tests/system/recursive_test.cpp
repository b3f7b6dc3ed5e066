// repair --recursive and --create: what is handed over below a home, with the daemon at work and
// without, and what nobody may be talked into handing over.
#include "accounts.hpp"
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "deny.hpp"
#include "faults.hpp"
#include "files.hpp"
#include "targets.hpp"

#include <csignal>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/mount.h>
#include <vector>

namespace {

namespace fs = std::filesystem;
using namespace system_tests;

/// Nobody has it any more.
constexpr Owner gone{25001, 25001};

Json recursive(const Account& account, Arguments more = {}) {
    Arguments arguments{"repair", "--recursive", "--json", account.name};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto ended = ctl(arguments);
    INFO(ended.err);
    return Json::parse(ended.out);
}

std::string text_of_record() {
    return run({"sh", "-c", "cat /var/lib/sshpermd/record/*.jsonl"}).out;
}

std::uint64_t left(const Json& document, const std::string& reason) {
    for (const auto& entry : document.at("left"))
        if (entry.at("reason") == reason)
            return entry.at("count");
    return 0;
}

/// Seven directories of somebody who is gone below the home.
void fill(const Account& account, int count) {
    for (int i = 0; i < count; ++i) {
        const auto dir = account.home / ("d" + std::to_string(i % 7));
        if (!is_there(dir))
            make_directory(dir, {0755, gone});
        write_file(dir / std::to_string(i), "x", {0644, gone});
    }
}

bool is_all_theirs(const Account& account) {
    for (int i = 0; i < 7; ++i)
        for (const auto& entry :
             fs::recursive_directory_iterator{account.home / ("d" + std::to_string(i))})
            if (owner_of(entry.path()) != owner(account))
                return false;
    return true;
}

TEST_CASE("a home of a uid that is gone becomes its account's, and logs in", "[recursive]") {
    const bool with_daemon = GENERATE(false, true);
    Accounts accounts;
    const auto alice = accounts.add("alice");
    fill(alice, 300);
    must_run({"chown", "-Rh", "25001:25001", alice.home});
    std::optional<Daemon> daemon;
    if (with_daemon)
        daemon.emplace();
    const auto modes = [&] {
        std::string text;
        for (const auto& entry : fs::recursive_directory_iterator{alice.home / "d1"})
            text += entry.path().native() + std::to_string(mode_of(entry.path())) + "\n";
        return text;
    };
    const auto before = modes();

    const auto said = recursive(alice);

    INFO(said.dump(2));
    CHECK(said.at("result") == "done");
    CHECK(said.at("changed") >= 307);
    CHECK(is_all_theirs(alice));
    CHECK(is_whole(alice));
    CHECK(modes() == before);
    CHECK(text_of_record().find("\"tree.repaired\"") != std::string::npos);
    if (daemon) {
        // It rested for the names in the home, and for those in .ssh.
        CHECK(eventually([&] { return daemon->events("daemon.resumed").size() == 2; }));
        CHECK(daemon->events("daemon.paused").size() == 2);
        set_mode(alice.home, 0777);
        check_becomes_right(*daemon, alice);
    }
    CHECK(recursive(alice).at("changed") == 0);
}

TEST_CASE("a dry run says what would be handed over, and changes nothing", "[recursive]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    fill(alice, 20);
    const auto before = snapshot(alice.home);

    const auto ended = ctl({"repair", "--recursive", "--dry-run", "alice"});

    CHECK(ended.status == 1);
    CHECK(ended.out.find("27 would be handed over") != std::string::npos);
    CHECK(differences(before, snapshot(alice.home)).empty());
}

TEST_CASE("only whose files are named are taken from those who live", "[recursive]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto bob = accounts.add("bob");
    write_file(alice.home / "bobs", "x", {0600, owner(bob)});
    write_file(alice.home / "roots", "x", {0600, {}});
    write_file(alice.home / "services", "x", {0600, {999, 999}});

    const auto first = recursive(alice);
    CHECK(first.at("changed") == 0);
    CHECK(left(first, "foreign_owner") == 2);
    CHECK(left(first, "root_owned") >= 1);
    const auto second = recursive(alice, {"--owner-from", "root", "--owner-from", "999"});

    CHECK(second.at("changed") >= 2);
    CHECK(owner_of(alice.home / "bobs") == owner(bob));
    CHECK(owner_of(alice.home / "roots") == owner(alice));
    CHECK(owner_of(alice.home / "services") == owner(alice));
}

TEST_CASE("a mount in a home is not crossed", "[recursive]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    fs::create_directory("/srv/data");
    write_file("/srv/data/file", "x", {0644, gone});
    own("/srv/data", gone);
    make_directory(alice.home / "mnt", {0755, owner(alice)});
    make_directory(alice.home / "tmp", {0755, gone});
    write_file(alice.home / "one", "x", {0644, gone});
    write_file("/srv/other", "x", {0644, gone});
    REQUIRE(mount("/srv/data", (alice.home / "mnt").c_str(), nullptr, MS_BIND, nullptr) == 0);
    REQUIRE(mount("/srv/other", (alice.home / "one").c_str(), nullptr, MS_BIND, nullptr) == 0);
    REQUIRE(mount("tmpfs", (alice.home / "tmp").c_str(), "tmpfs", 0, "uid=25001") == 0);
    write_file(alice.home / "tmp/file", "x", {0644, gone});

    const auto said = recursive(alice);

    INFO(said.dump(2));
    CHECK(left(said, "other_file_system") == 3);
    CHECK(owner_of("/srv/data/file") == gone);
    CHECK(owner_of("/srv/other") == gone);
    CHECK(owner_of(alice.home / "tmp/file") == gone);
    for (const auto* const name : {"mnt", "one", "tmp"})
        umount2((alice.home / name).c_str(), MNT_DETACH);
}

TEST_CASE("a walk that is interrupted says so, and the next one does the rest", "[recursive]") {
    const bool with_daemon = GENERATE(false, true);
    Accounts accounts;
    const auto alice = accounts.add("alice");
    fill(alice, 20000);
    std::optional<Daemon> daemon;
    if (with_daemon)
        daemon.emplace();
    Process first{{sshpermctl(), "repair", "--recursive", "alice"}};
    REQUIRE(eventually(
        [&] { return owner_of(alice.home / "d0/0") == owner(alice) || !first.running(); }));
    first.signal(SIGINT);

    const auto status = first.wait();

    INFO(first.out());
    if (status != 0) { // it was not faster
        CHECK(status.value_or(-1) == 5);
        CHECK(first.out().find("stopped") != std::string::npos);
    }
    for (const auto& entry : fs::recursive_directory_iterator{alice.home})
        CHECK(mode_of(entry.path()) != 01700);
    CHECK(recursive(alice).at("result") == "done");
    CHECK(is_all_theirs(alice));
}

TEST_CASE("after a death with a directory in hand the next repairer gives back and tells",
          "[recursive]") {
    constexpr int count = 20;
    const bool by_daemon = GENERATE(false, true);
    const bool before_the_first = GENERATE(true, false);
    Accounts accounts;
    const auto alice = accounts.add("alice");
    make_directory(alice.home / "d", {02750, owner(alice)});
    for (int i = 0; i < count; ++i)
        write_file(alice.home / "d" / std::to_string(i), "x", {0644, gone});
    const auto last =
        before_the_first ? tests::handing_over(alice.uid) : tests::giving_back(alice.uid);
    const auto died = run(dying_at(last, {sshpermctl(), "repair", "--recursive", "alice"}).words);
    INFO(died.out << died.err);
    REQUIRE(died.status == tests::death_status);
    REQUIRE(is(alice.home / "d", {01700, {}}));
    int handed_over = 0; // fewer than all where a slow machine takes longer than one hold
    for (int i = 0; i < count; ++i)
        handed_over += owner_of(alice.home / "d" / std::to_string(i)) == owner(alice);
    REQUIRE((handed_over == 0) == before_the_first);
    REQUIRE(text_of_record().find("tree.repaired") == std::string::npos);

    std::optional<Daemon> daemon;
    if (by_daemon)
        daemon.emplace();
    else
        ctl({"repair"});

    CHECK(eventually([&] { return is(alice.home / "d", {02750, owner(alice)}); }));
    // One that was noted and not made counts, too.
    const auto told =
        "was cut off: " + std::to_string(handed_over + (before_the_first ? 1 : 0)) + " file";
    if (daemon) {
        REQUIRE(daemon->reports("tree.repaired", "alice"));
        const auto event = daemon->events("tree.repaired", "alice").front();
        CHECK(text_at(event, "/outcome") == "reported");
        CHECK(text_at(event, "/message").find(told) != std::string::npos);
    } else {
        CHECK(text_of_record().find(told) != std::string::npos);
    }
    CHECK(recursive(alice).at("result") == "done");
    for (int i = 0; i < count; ++i)
        CHECK(owner_of(alice.home / "d" / std::to_string(i)) == owner(alice));
}

TEST_CASE("an operator's pause is not ended by a walk", "[recursive]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    fill(alice, 3);
    Daemon daemon;
    REQUIRE(ctl({"pause", "--for", "1h", "--reason", "moving homes"}).status == 0);

    const auto ended = ctl({"repair", "--recursive", "alice"});

    CHECK(ended.status == 5);
    CHECK(ended.err.find("moving homes") != std::string::npos);
    CHECK(owner_of(alice.home / "d0/0") == gone);
}

TEST_CASE("while a walk is deep in a home everybody else is repaired", "[recursive]") {
    constexpr int count = 30000;
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto bob = accounts.add("bob");
    make_directory(alice.home / "d", {0755, gone});
    for (int i = 0; i < count; ++i)
        write_file(alice.home / "d" / std::to_string(i), "x", {0644, gone});
    Daemon daemon;
    Process walk{{sshpermctl(), "repair", "--recursive", "alice"}};
    REQUIRE(eventually([&] { return owner_of(alice.home / "d/0") == owner(alice); }));
    walk.signal(SIGSTOP);
    REQUIRE(walk.running());

    set_mode(bob.home / ".ssh", 0777);

    CHECK(eventually([&] { return mode_of(bob.home / ".ssh") == 0700; }));
    walk.signal(SIGCONT);
    CHECK(walk.wait().value_or(-1) == 0);
    // Entering the home's own names took the daemon's rest, for as long as that lasted.
    CHECK(daemon.events("daemon.paused").size() == daemon.events("daemon.resumed").size());
    CHECK(daemon.events("daemon.paused").size() == 1);
    for (int i = 0; i < count; ++i)
        if (owner_of(alice.home / "d" / std::to_string(i)) != owner(alice))
            FAIL(i);
}

TEST_CASE("below a home that is somebody else's nothing is touched", "[recursive]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto bob = accounts.add("bob");
    fill(alice, 3);
    own(alice.home, owner(bob));

    const auto said = recursive(alice);

    CHECK(said.at("result") == "refused");
    CHECK(said.at("reason") == "foreign_owner");
    CHECK(owner_of(alice.home / "d0/0") == gone);
}

TEST_CASE("a missing home is made, with what is in skel, and logs in after add-key",
          "[recursive]") {
    const bool with_daemon = GENERATE(false, true);
    Accounts accounts;
    const auto alice = accounts.enlist("alice", "/home/alice");
    fs::remove_all("/etc/skel");
    make_directory("/etc/skel", {0755, {}});
    write_file("/etc/skel/.bashrc", "skel", {0644, {}});
    std::optional<Daemon> daemon;
    if (with_daemon)
        daemon.emplace();
    CHECK(ctl({"repair", "--create", "--dry-run", "alice"}).status == 1);
    CHECK_FALSE(is_there(alice.home));

    const auto said = Json::parse(ctl({"repair", "--create", "--json", "alice"}).out);

    INFO(said.dump(2));
    CHECK(said.at("result") == "created");
    CHECK(is(alice.home, {0700, owner(alice)}));
    CHECK(is(alice.ssh_dir(), {0700, owner(alice)}));
    CHECK(is(alice.home / ".bashrc", {0644, owner(alice)}));
    CHECK_FALSE(is_there("/home/.sshpermd.new"));
    CHECK(text_of_record().find("\"home.created\"") != std::string::npos);
    CHECK(ctl({"repair", "--create", "alice"}).out.find("nothing is missing") != std::string::npos);
}

TEST_CASE("a home whose maker died before it was on record is told of", "[recursive]") {
    const bool by_daemon = GENERATE(false, true);
    const bool is_there = GENERATE(true, false);
    const auto target = GENERATE("home", "ssh_dir");
    Accounts accounts;
    const auto alice = accounts.enlist("alice", "/home/alice");
    if (target == std::string{"ssh_dir"})
        make_directory(alice.home, {0700, owner(alice)});
    const auto last = is_there ? tests::recording() : tests::putting_in_place();
    const auto died = run(dying_at(last, {sshpermctl(), "repair", "--create", "alice"}).words);
    INFO(died.out << died.err);
    REQUIRE(died.status == tests::death_status);
    REQUIRE(system_tests::is_there(target == std::string{"home"} ? alice.home : alice.ssh_dir()) ==
            is_there);
    REQUIRE(text_of_record().find("home.created") == std::string::npos);

    std::string told;
    if (by_daemon) {
        Daemon daemon;
        REQUIRE(daemon.reports("home.created", "alice"));
        const auto event = daemon.events("home.created", "alice").front();
        CHECK(text_at(event, "/outcome") == "reported");
        CHECK(text_at(event, "/target") == target);
        told = text_at(event, "/message");
    } else {
        ctl({"repair"});
        told = text_of_record();
    }

    CHECK(told.find(is_there ? "it is there" : "it is not there") != std::string::npos);
    ctl({"repair"});
    CHECK(run({"grep", "-c", "was cut off", "/var/lib/sshpermd/record/00000001.jsonl"}).out ==
          "1\n");
    CHECK(Json::parse(ctl({"repair", "--create", "--json", "alice"}).out).at("result") != "failed");
    CHECK(is(alice.ssh_dir(), {0700, owner(alice)}));
}

TEST_CASE("no home is made in a root that others could write, or over a link", "[recursive]") {
    Accounts accounts;
    const auto alice = accounts.enlist("alice", "/home/alice");
    const bool is_open = GENERATE(true, false);
    if (is_open)
        set_mode("/home", 0777);
    else
        fs::create_symlink("/srv", alice.home);

    const auto ended = ctl({"repair", "--create", "--json", "alice"});

    set_mode("/home", 0755);
    CHECK(ended.status == 1);
    CHECK(Json::parse(ended.out).at("result") == "refused");
    CHECK_FALSE(is_there("/srv/.bashrc"));
    CHECK(is_there(alice.home) == !is_open);
}

} // namespace
