// New homes: whole or not there, and only from what is root's alone. Needs root.
#include "catch.hpp"
#include "temp_home.hpp"

#include "system/new_home.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace sshpermd;
namespace fs = std::filesystem;

namespace {

const AboutToBeThere nobody_hears = [](const Observed& /*made*/) {};
constexpr Expected wanted{Mode{0700}, TempHome::uid, TempHome::gid};

struct Scene {
    TempRoot root;
    TempRoot other;
    std::string skel = other.path() + "/skel";
    Machine machine;

    Scene() {
        fs::create_directories(skel + "/.config/deep");
        std::ofstream{skel + "/.bashrc"} << "alias ll='ls -l'\n";
        std::ofstream{skel + "/.config/deep/tool"} << "#!/bin/sh\n";
        fs::permissions(skel + "/.config/deep/tool", fs::perms{0755});
        fs::create_symlink(".bashrc", skel + "/.profile");
    }
    Handle open_root() const {
        return Handle{UniqueFd{open(root.path().c_str(), O_PATH | O_CLOEXEC)}};
    }
    std::optional<Failure> make() {
        return make_home(machine, open_root(), "bob", wanted, nobody_hears, skel);
    }
    std::string home() const { return root.path() + "/bob"; }
    bool is_empty() const { return fs::is_empty(root.path()); }
};

Observed look(const std::string& path) {
    return Handle{UniqueFd{open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)}}.observe();
}

} // namespace

TEST_CASE("a new home is the account's, closed to others, with what is in skel", "[new-home]") {
    Scene scene;
    scene.machine.kernel = kernel_variant();

    CHECK_FALSE(scene.make());

    CHECK(look(scene.home()).mode == Mode{0700});
    for (const auto* const name :
         {"", "/.bashrc", "/.config", "/.config/deep", "/.config/deep/tool", "/.profile"}) {
        INFO(name);
        CHECK(look(scene.home() + name).owner == TempHome::uid);
        CHECK(look(scene.home() + name).group == TempHome::gid);
    }
    CHECK(fs::read_symlink(scene.home() + "/.profile") == ".bashrc");
    CHECK(fs::file_size(scene.home() + "/.bashrc") == 17);
    CHECK(look(scene.home() + "/.config/deep/tool").mode == Mode{0755});
    CHECK(std::distance(fs::directory_iterator{scene.root.path()}, {}) == 1); // and no stage
}

TEST_CASE("what others could have put into skel makes no home", "[new-home]") {
    Scene scene;
    const auto what = GENERATE(0, 1, 2, 3);
    if (what == 0)
        fs::permissions(scene.skel + "/.bashrc", fs::perms{0666});
    if (what == 1)
        REQUIRE(lchown((scene.skel + "/.profile").c_str(), 61888, 61888) == 0);
    if (what == 2)
        fs::permissions(scene.skel + "/.config", fs::perms{0777});
    if (what == 3)
        REQUIRE(mkfifo((scene.skel + "/fifo").c_str(), 0600) == 0);

    const auto failure = scene.make();

    REQUIRE(failure);
    CHECK(failure->number == EPERM);
    CHECK(scene.is_empty());
}

TEST_CASE("what has the name already stays as it is", "[new-home]") {
    Scene scene;
    fs::create_symlink("/nowhere", scene.home());

    const auto failure = scene.make();

    REQUIRE(failure);
    CHECK(failure->number == EEXIST);
    CHECK(fs::read_symlink(scene.home()) == "/nowhere");
}

TEST_CASE("what a killed one left is removed, and never what is somebody's", "[new-home]") {
    Scene scene;
    const auto stage = scene.root.path() + "/.sshpermd.new";
    fs::create_directories(stage + "/bob/.config");

    CHECK_FALSE(scene.make());
    CHECK_FALSE(fs::exists(stage));

    fs::create_directory(stage);
    REQUIRE(chown(stage.c_str(), 61888, 61888) == 0);
    fs::remove_all(scene.home());
    CHECK(scene.make());
    CHECK(fs::exists(stage));
}

TEST_CASE("an empty .ssh is made in a home that has none", "[new-home]") {
    Scene scene;
    REQUIRE_FALSE(scene.make());
    const auto home = [&] {
        return Handle{UniqueFd{open(scene.home().c_str(), O_PATH | O_CLOEXEC)}};
    };

    CHECK_FALSE(
        make_empty_ssh_dir(scene.machine.kernel, scene.open_root(), home(), wanted, nobody_hears));
    const auto again =
        make_empty_ssh_dir(scene.machine.kernel, scene.open_root(), home(), wanted, nobody_hears);

    CHECK(look(scene.home() + "/.ssh").mode == Mode{0700});
    CHECK(look(scene.home() + "/.ssh").owner == TempHome::uid);
    REQUIRE(again);
    CHECK(again->number == EEXIST);
}
