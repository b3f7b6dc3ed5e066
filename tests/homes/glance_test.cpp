// Glances: whatever a round would see makes another digest, and nothing else does.
#include "catch.hpp"

#include "system/glance.hpp"
#include "system/home_root.hpp"
#include "temp_home.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using namespace sshpermd;
namespace fs = std::filesystem;

namespace {

const std::vector<std::string> key_files{"authorized_keys", "authorized_keys2"};

std::optional<Glance> glance_at(const TempHome& home, const Plain* plain = nullptr,
                                const Kernel& kernel = kernel_variant()) {
    Machine machine;
    machine.kernel = kernel;
    const auto root = open_home_root(machine, home.root());
    return Eye{machine.kernel, key_files, 4711}.glance(std::get<Handle>(root), "alice", plain);
}

Glimpse digest_of(const TempHome& home) {
    const auto seen = glance_at(home);
    REQUIRE(seen);
    return seen->now;
}

Plain plain() {
    const Expected dir{Mode{0700}, TempHome::uid, TempHome::gid};
    return {dir, dir, {Mode{0600}, TempHome::uid, TempHome::gid}};
}

} // namespace

TEST_CASE("two glances at the same are equal, whatever is written into other files", "[glance]") {
    const TempHome home;
    home.write("file", "not a key");
    const auto before = digest_of(home);

    home.write("file", "not a key either");

    CHECK(digest_of(home) == before);
}

TEST_CASE("a glance sees every change of what a login depends on", "[glance]") {
    const TempHome home;
    const auto before = digest_of(home);
    std::this_thread::sleep_for(std::chrono::milliseconds{20}); // the tick of a file's times
    SECTION("the home's mode") { home.chmod("", 0701); }
    SECTION("the group of .ssh") { home.chown(".ssh", TempHome::uid, TempHome::second_gid); }
    SECTION("the owner of the keys") { home.chown(".ssh/authorized_keys", 0, TempHome::gid); }
    SECTION("the keys") { home.write(".ssh/authorized_keys", "others"); }
    SECTION("a mode that was changed back") {
        home.chmod(".ssh", 0777);
        home.chmod(".ssh", 0700);
    }
    SECTION("a second key file") { home.write(".ssh/authorized_keys2", "more"); }
    SECTION("no key file any more") { home.remove(".ssh/authorized_keys"); }
    SECTION("a file that was made in the home") { home.write("file", ""); }
    SECTION("another .ssh in its place") {
        fs::rename(home.path(".ssh"), home.path("aside"));
        fs::copy(home.path("aside"), home.path(".ssh"), fs::copy_options::recursive);
    }
    const auto after = glance_at(home);
    CHECK((!after || after->now != before));
}

TEST_CASE("a glance says nothing of what is not what it should be", "[glance]") {
    const TempHome home;
    SECTION("a link in the place of the keys") {
        fs::rename(home.path(".ssh/authorized_keys"), home.path("keys"));
        fs::create_symlink(home.path("keys"), home.path(".ssh/authorized_keys"));
    }
    SECTION("a link in the place of .ssh") {
        fs::rename(home.path(".ssh"), home.path("aside"));
        fs::create_symlink("aside", home.path(".ssh"));
    }
    SECTION("a FIFO in the place of the keys") {
        home.remove(".ssh/authorized_keys");
        REQUIRE(mkfifo(home.path(".ssh/authorized_keys").c_str(), 0600) == 0);
    }
    SECTION("no home") { fs::rename(home.path(), home.root() + "/aside"); }
    CHECK_FALSE(glance_at(home));
}

TEST_CASE("a glance says nothing of what is mounted there", "[glance]") {
    const TempHome home;
    const auto kernel = kernel_variant();
    const std::string below = GENERATE("", ".ssh", ".ssh/authorized_keys");
    std::optional<Glance> seen;
    bool is_mounted = false;
    std::thread{[&] { // its mounts are its own, and go with it
        const auto path = home.path(below);
        is_mounted = unshare(CLONE_NEWNS) == 0 &&
                     mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                     mount(path.c_str(), path.c_str(), nullptr, MS_BIND, nullptr) == 0;
        seen = glance_at(home, nullptr, kernel);
    }}
        .join();
    REQUIRE(is_mounted);
    CHECK_FALSE(seen);
    CHECK(glance_at(home, nullptr, kernel)); // where nothing is
}

TEST_CASE("a glance calls right what is exactly as wanted, and nothing besides", "[glance]") {
    const TempHome home;
    const auto wanted = plain();
    const auto right = [&] {
        const auto seen = glance_at(home, &wanted);
        return seen && seen->is_plainly_right;
    };
    CHECK(right());
    SECTION("a home that others may enter") { home.chmod("", 0711); }
    SECTION("a .ssh of root's") { home.chown(".ssh", 0, 0); }
    SECTION("keys that others may read") { home.chmod(".ssh/authorized_keys", 0644); }
    SECTION("another group") { home.chown("", TempHome::uid, TempHome::second_gid); }
    CHECK_FALSE(right());
}

TEST_CASE("a glance gives the directories before it looks at them", "[glance]") {
    const TempHome home;
    Machine machine;
    const auto root = open_home_root(machine, home.root());
    std::vector<Target> given;
    const auto on_dir = [&](Target target, const Handle& /*dir*/) {
        given.push_back(target);
        if (target == Target::ssh_dir) // as if it happened just after the watch was set
            home.chmod("", 0777);
        return true;
    };
    const auto wanted = plain();
    const auto seen =
        Eye{machine.kernel, key_files, 1}.glance(std::get<Handle>(root), "alice", &wanted, on_dir);
    CHECK(given == std::vector{Target::home, Target::ssh_dir});
    REQUIRE(seen);
    CHECK_FALSE(seen->is_plainly_right);
}
