// Files and file systems that cannot be changed, and .ssh directories that a killed daemon left.
#include "accounts.hpp"
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "faults.hpp"
#include "files.hpp"
#include "ssh_server.hpp"
#include "targets.hpp"

#include <array>
#include <csignal>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace fs = std::filesystem;
using namespace system_tests;

constexpr Owner root{0, 0};
constexpr mode_t frozen = 01700;

/// chattr +i or +a, until this is gone.
class Attribute {
  public:
    Attribute(std::string letter, fs::path path)
        : letter_{std::move(letter)}, path_{std::move(path)} {
        is_set_ = run({"chattr", "+" + letter_, path_}).status == 0;
    }
    ~Attribute() { clear(); }
    Attribute(const Attribute&) = delete;
    Attribute& operator=(const Attribute&) = delete;

    /// False where the file system has no such attributes: nothing can be tested there.
    bool is_set() const {
        if (!is_set_)
            std::cerr << "skipped, no chattr here: put SSHPERMD_TEST_STORE on ext4, xfs or btrfs\n";
        return is_set_;
    }
    void clear() {
        if (std::exchange(is_set_, false))
            run({"chattr", "-" + letter_, path_});
    }

  private:
    std::string letter_;
    fs::path path_;
    bool is_set_ = false;
};

TEST_CASE("what is immutable or append-only is refused once, and repaired when it is not",
          "[faults]") {
    const auto letter = GENERATE(as<std::string>{}, "i", "a");
    constexpr std::array targets{Target::home, Target::ssh_dir, Target::authorized_keys};
    Accounts accounts;
    const auto bob = accounts.add("bob");
    const auto users = accounts.add("alice", targets.size());
    std::vector<std::unique_ptr<Attribute>> attributes;
    for (std::size_t i = 0; i < users.size(); ++i) {
        open_up(users[i]);
        attributes.push_back(std::make_unique<Attribute>(letter, path_of(targets[i], users[i])));
        if (!attributes[i]->is_set())
            return;
    }

    Daemon daemon{trusting()};

    for (std::size_t i = 0; i < users.size(); ++i) {
        check_refused(daemon, users[i], name_of(targets[i]), "immutable");
        CHECK(daemon.events("permission.repaired", users[i].name).size() == 2);
    }
    wait_for_a_round(daemon, bob);
    CHECK(daemon.events("repair.refused").size() == users.size());
    CHECK(daemon.events("repair.failed").empty());
    check_is_calm(daemon);
    attributes.clear();
    daemon.process().signal(SIGHUP);
    for (const auto& user : users)
        check_becomes_whole(daemon, user);
    check_stops(daemon);
}

TEST_CASE("a key of root's in an immutable .ssh is given back: no name in it can change",
          "[faults]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    own(alice.authorized_keys(), root);
    Attribute attribute{"i", alice.ssh_dir()};
    if (!attribute.is_set())
        return;

    Daemon daemon{trusting()};

    check_becomes_whole(daemon, alice);
    CHECK(daemon.events("repair.failed").empty());
}

/// /home for everybody but alice and zoe, whose homes lie on a file system of their own.
struct SmallDisk {
    explicit SmallDisk(const std::string& options)
        : mount{{"-t", "tmpfs", "-o", "mode=0755" + options, "tmpfs"}, "/srv/homes"} {
        make_home(alice);
        make_home(zoe);
        own(zoe.authorized_keys(), root);
    }
    bool is_repaired() const { return is_whole(alice) && is_whole(zoe); }

    Accounts accounts;
    Account bob = accounts.add("bob");
    Account alice = accounts.enlist("alice", "/srv/homes/alice");
    Account zoe = accounts.enlist("zoe", "/srv/homes/zoe");
    Mounted mount;
    Json config{{"home_roots", {"/home", "/srv/homes"}}};
};

TEST_CASE("on a read-only file system each target is refused once, and repaired when it is not",
          "[faults]") {
    SmallDisk disk{""};
    open_up(disk.alice);
    must_run({"mount", "-o", "remount,ro", "/srv/homes"});

    Daemon daemon{trusting(disk.config)};

    for (const auto* const target : {"home", "ssh_dir", "authorized_keys"})
        check_refused(daemon, disk.alice, target, "read_only");
    wait_for_a_round(daemon, disk.bob);
    check_is_calm(daemon);
    INFO(daemon.story("zoe"));
    CHECK(daemon.events("repair.refused", "zoe").size() +
              daemon.events("repair.failed", "zoe").size() ==
          1);
    must_run({"mount", "-o", "remount,rw", "/srv/homes"});
    check_becomes_whole(daemon, disk.alice);
    check_becomes_whole(daemon, disk.zoe);
    check_stops(daemon);
}

TEST_CASE("a read-only home root that others may write is said to be unsafe once", "[faults]") {
    SmallDisk disk{""};
    open_up(disk.alice);
    set_mode("/srv/homes", 0777);
    must_run({"mount", "-o", "remount,ro", "/srv/homes"});

    Daemon daemon{trusting(disk.config)};

    wait_for_a_round(daemon, disk.bob);
    check_is_calm(daemon);
    INFO(daemon.tail());
    CHECK(daemon.events("repair.refused").size() == 1);
    CHECK(daemon.events("repair.failed").empty());
    must_run({"mount", "-o", "remount,rw", "/srv/homes"});
    check_becomes_whole(daemon, disk.alice);
}

/// Writes until nothing fits any more, neither bytes nor files.
void fill(const fs::path& directory) {
    std::ofstream out{directory / ".full", std::ios::binary};
    while (out << std::string(1000, 'x') && out.flush())
        ;
    for (int i = 0; std::ofstream{directory / (".full" + std::to_string(i))}; ++i)
        ;
}

TEST_CASE("on a full file system everything is repaired", "[faults]") {
    SmallDisk disk{",size=200k,nr_inodes=200"};
    open_up(disk.alice);
    fill("/srv/homes");

    Daemon daemon{trusting(disk.config)};

    CHECK(eventually([&] { return disk.is_repaired(); }));
    wait_for_a_round(daemon, disk.bob);
    INFO(daemon.tail());
    CHECK(daemon.events("repair.failed").empty());
    check_is_calm(daemon);
}

TEST_CASE("with a full /var everything is repaired", "[faults]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto zoe = accounts.add("zoe");
    open_up(alice);
    own(zoe.authorized_keys(), root);
    Mounted var{{"-t", "tmpfs", "-o", "mode=0755,size=64k,nr_inodes=50", "tmpfs"}, "/var"};
    fill("/var");

    Daemon daemon{trusting()};

    check_becomes_whole(daemon, alice);
    check_becomes_whole(daemon, zoe);
    wait_for_a_round(daemon, alice);
    check_is_calm(daemon);
    check_stops(daemon);
}

/// A moment at which SIGKILL can hit, and what is to become of the key.
struct Half {
    std::string name;
    std::function<void(const Account&, const Account& other)> happen;
    bool is_repaired;
};

const std::vector<Half>& halves() {
    static const auto freeze = [](const Account& account) {
        own(account.ssh_dir(), root);
        set_mode(account.ssh_dir(), frozen);
    };
    static const auto key_is = [](const Account& account, Attributes attributes) {
        own(account.authorized_keys(), attributes.owner);
        set_mode(account.authorized_keys(), attributes.mode);
        freeze(account);
    };
    static const std::vector<Half> all{
        {"root's, its mode not yet",
         [](const Account& account, const Account&) {
             own(account.authorized_keys(), root);
             set_mode(account.ssh_dir(), 0700);
             own(account.ssh_dir(), root);
         },
         true},
        {"frozen, the key still root's",
         [](const Account& account, const Account&) {
             key_is(account, {0644, root});
         },
         true},
        {"frozen, the key root's and narrowed",
         [](const Account& account, const Account&) {
             key_is(account, {0000, root});
         },
         true},
        {"frozen, the key given but too tight",
         [](const Account& account, const Account&) {
             key_is(account, {0400, owner(account)});
         },
         true},
        {"frozen, the key right",
         [](const Account& account, const Account&) {
             key_is(account, {0600, owner(account)});
         },
         true},
        {"given back, its mode not yet",
         [](const Account& account, const Account&) { set_mode(account.ssh_dir(), frozen); }, true},
        {"frozen, the key missing",
         [](const Account& account, const Account&) {
             fs::remove(account.authorized_keys());
             freeze(account);
         },
         false},
        {"frozen, the key another's",
         [](const Account& account, const Account& other) {
             key_is(account, {0644, owner(other)});
         },
         false},
        {"frozen, the key a symlink",
         [](const Account& account, const Account& other) {
             fs::remove(account.authorized_keys());
             fs::create_symlink(other.authorized_keys(), account.authorized_keys());
             freeze(account);
         },
         false},
    };
    return all;
}

TEST_CASE("whatever a killed daemon left half done ends well", "[faults]") {
    Accounts accounts;
    const auto other = accounts.add("other");
    std::vector<Account> users;
    for (const auto& half : halves()) {
        users.push_back(accounts.add("user" + std::to_string(users.size())));
        for (const auto& entry : fs::directory_iterator{users.back().ssh_dir()})
            if (entry.path().filename() != "authorized_keys")
                fs::remove_all(entry.path());
        half.happen(users.back(), other);
    }
    std::vector<Tree> before;
    for (std::size_t i = 0; i < users.size(); ++i)
        before.push_back(halves()[i].is_repaired || !is_there(users[i].authorized_keys())
                             ? Tree{}
                             : snapshot(users[i].authorized_keys()));

    Daemon daemon{trusting()};

    for (std::size_t i = 0; i < users.size(); ++i) {
        const auto& user = users[i];
        const bool given_back = eventually([&] { return is(user.ssh_dir(), {0700, owner(user)}); });
        INFO(halves()[i].name << "\n" << describe(user) << "\n" << daemon.story(user.name));
        CHECK(given_back);
        if (halves()[i].is_repaired)
            CHECK(is_whole(user));
        else if (is_there(user.authorized_keys()))
            CHECK(differences(before[i], snapshot(user.authorized_keys())) == "");
    }
    CHECK(is_whole(other));
    wait_for_a_round(daemon, other);
    CHECK(daemon.events("repair.refused").size() == 2);
    check_is_calm(daemon);
    check_stops(daemon);
}

} // namespace
