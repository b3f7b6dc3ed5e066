// A user who swaps files, links and directories beside a walk of root's, as fast as the machine
// allows: nothing outside of the home may change hands. Needs root.
#include "catch.hpp"
#include "tree_walks.hpp"

#include <dirent.h>
#include <grp.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <iostream>

using namespace sshpermd;
using Clock = std::chrono::steady_clock;

namespace {

constexpr auto other = WalkedHome::other;
constexpr int stashed = 200;

std::chrono::seconds duration() {
    const char* const is_long = std::getenv("SSHPERMD_LONG");
    return std::chrono::seconds{is_long != nullptr && std::string{is_long} == "1" ? 60 : 5};
}

/// What the attacker tries may fail.
void attempt(long /*result*/) {}

/// A file of the other's in a directory of his that everybody may read, and one that everybody may
/// write, and so link whatever the kernel protects.
struct Scene {
    WalkedHome alice;
    std::string victims = alice.home.root() + "/victims";

    Scene() {
        attempt(chmod(alice.home.root().c_str(), 0755));
        attempt(mkdir(victims.c_str(), 0755));
        attempt(chown(victims.c_str(), other, other));
        make(victims + "/linked", 0666);
        make(victims + "/file", 0644);
        alice.dir("stash", TempHome::uid);
        alice.dir("work", TempHome::uid);
        alice.dir("work/real", TempHome::uid);
        alice.file("work/real/file", TempHome::uid);
        std::filesystem::create_symlink(victims, alice.home.path("work/link"));
        fill();
    }
    static void make(const std::string& path, unsigned mode) {
        std::ofstream{path} << "the other's";
        attempt(chown(path.c_str(), other, other));
        attempt(chmod(path.c_str(), mode));
    }
    void fill() const {
        for (int i = 0; i < stashed; ++i) {
            const auto path = alice.home.path("stash/" + std::to_string(i));
            if (access(path.c_str(), F_OK) != 0)
                make(path, 0644);
        }
    }
    /// How many of the victims have changed hands; they are taken back.
    int take_back() const {
        int lost = 0;
        for (const auto& path : {victims, victims + "/linked", victims + "/file"}) {
            struct stat about {};
            if (lstat(path.c_str(), &about) == 0 && about.st_uid == TempHome::uid) {
                ++lost;
                attempt(lchown(path.c_str(), other, other));
            }
        }
        return lost;
    }
};

void pause(unsigned& seed, unsigned most) {
    for (volatile unsigned i = static_cast<unsigned>(rand_r(&seed)) % most; i > 0;)
        i = i - 1;
}

void attack(const std::string& victim, unsigned& seed) {
    const auto stash = "stash/" + std::to_string(rand_r(&seed) % stashed);
    attempt(rename(stash.c_str(), "work/x")); // one that may be handed over
    pause(seed, 30'000);
    unlink("work/x");
    attempt(link(victim.c_str(), "work/x"));
    pause(seed, 3000);
    unlink("work/x");
    // The directory and a link to another's, in turns, by the same name.
    attempt(renameat2(AT_FDCWD, "work/real", AT_FDCWD, "work/link", RENAME_EXCHANGE));
    pause(seed, 3000);
    attempt(rename("work/real", "moved"));
    attempt(rename("moved", "work/real"));
}

struct Score {
    int wins = 0;
    std::uint64_t given = 0;
};

Score attacked(Scene& scene, const std::function<std::uint64_t()>& walk, bool until_won) {
    const auto child = fork();
    if (child == 0) {
        unsigned seed = 20261122;
        const bool is_user = setgroups(0, nullptr) == 0 &&
                             setresgid(TempHome::gid, TempHome::gid, TempHome::gid) == 0 &&
                             setresuid(TempHome::uid, TempHome::uid, TempHome::uid) == 0 &&
                             chdir(scene.alice.home.path().c_str()) == 0;
        while (is_user)
            attack(scene.victims + "/linked", seed);
        _exit(1);
    }
    Score score;
    const auto end = Clock::now() + duration();
    const auto at_last = end + std::chrono::seconds{60};
    for (int i = 0; until_won ? score.wins == 0 && Clock::now() < at_last
                              : Clock::now() < end || (score.given == 0 && Clock::now() < at_last);
         ++i) {
        score.given += walk();
        score.wins += scene.take_back();
        if (i % 20 == 0)
            scene.fill();
    }
    int status = -1;
    kill(child, SIGKILL);
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    return score;
}

/// As chown -R does it, with a look at owner and links before: by path.
std::uint64_t walk_by_path(const std::string& path) {
    std::uint64_t given = 0;
    DIR* const dir = opendir(path.c_str());
    if (dir == nullptr)
        return 0;
    while (const auto* const entry = readdir(dir)) {
        const std::string name = entry->d_name;
        struct stat about {};
        const auto below = path + "/" + name;
        if (name == "." || name == ".." || lstat(below.c_str(), &about) != 0)
            continue;
        if (S_ISDIR(about.st_mode))
            given += walk_by_path(below);
        if (about.st_uid == other && (S_ISDIR(about.st_mode) || about.st_nlink == 1))
            given += lchown(below.c_str(), TempHome::uid, TempHome::gid) == 0;
    }
    closedir(dir);
    return given;
}

} // namespace

TEST_CASE("no swap beside a walk makes it hand over what is outside of the home", "[tree-race]") {
    Scene scene;

    const auto score = attacked(
        scene,
        [&] {
            scene.alice.walk();
            scene.alice.recorded.clear();
            return scene.alice.tally.changed;
        },
        false);

    std::cout << "a walk that holds: " << score.wins << " wins, " << score.given
              << " files handed over\n";
    CHECK(score.wins == 0);
    CHECK(score.given > 0);
}

TEST_CASE("the same swaps beat a walk by path", "[tree-race]") {
    Scene scene;

    const auto score = attacked(
        scene, [&] { return walk_by_path(scene.alice.home.path()); }, true);

    std::cout << "a walk by path: " << score.wins << " wins, " << score.given
              << " files handed over\n";
    CHECK(score.wins > 0);
}
