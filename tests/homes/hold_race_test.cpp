// The race for which the hold exists: a victim is linked in as the key, looked at, and unlinked
// before the act, so that its count of links says one. Against whole rounds, as fast as they go.

#include "catch.hpp"
#include "finding/gate.hpp"
#include "repair/plan.hpp"
#include "system/apply.hpp"
#include "temp_home.hpp"

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>

using namespace sshpermd;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int stashed = 200;

std::chrono::seconds duration() {
    const char* const is_long = std::getenv("SSHPERMD_LONG");
    return std::chrono::seconds{is_long != nullptr && std::string{is_long} == "1" ? 60 : 3};
}

/// What the attacker tries may fail.
void attempt(int /*result*/) {}

void race(const char* victim, unsigned& seed) {
    constexpr const char* key = ".ssh/authorized_keys";
    const auto pause = [&seed](unsigned most = 3000) {
        for (volatile unsigned i = static_cast<unsigned>(rand_r(&seed)) % most; i > 0;)
            i = i - 1;
    };
    const auto stash = "stash/" + std::to_string(rand_r(&seed) % stashed);
    attempt(rename(stash.c_str(), key)); // a file of root's that may be given away
    pause(100'000);                      // some of them long enough for a whole round
    unlink(key);
    attempt(link(victim, key));
    pause();
    unlink(key);
}

/// A home with a stash of root's key files, and a victim of root's that users may write and link.
struct Scene {
    TempHome home;
    std::string victim = home.root() + "/victim";

    Scene() {
        std::ofstream{victim} << "# a key file for every gate\n";
        chmod(victim.c_str(), 0666);
        mkdir(home.path("stash").c_str(), 0700);
        home.chown("stash", TempHome::uid, TempHome::gid);
    }
    void fill() const {
        for (int i = 0; i < stashed; ++i) {
            const auto path = home.path("stash/" + std::to_string(i));
            if (access(path.c_str(), F_OK) != 0)
                std::ofstream{path} << "# root's\n";
        }
    }
    bool take_back() const {
        struct stat about {};
        if (stat(victim.c_str(), &about) == 0 && about.st_uid == 0 &&
            (about.st_mode & 07777U) == 0666)
            return false;
        return chown(victim.c_str(), 0, 0) == 0 && chmod(victim.c_str(), 0666) == 0;
    }
};

struct Score {
    int wins = 0;
    int repairs = 0;
};

/// For the time it is to take, and on a busy machine until it has shown something.
Score attacked(Scene& scene, const std::function<int()>& repair, int Score::*something) {
    scene.fill();
    const auto end = Clock::now() + duration();
    const auto at_last = end + std::chrono::seconds{60};
    const auto child = fork();
    if (child == 0) {
        unsigned seed = 20261121;
        const bool is_user = setgroups(0, nullptr) == 0 &&
                             setresgid(TempHome::gid, TempHome::gid, TempHome::gid) == 0 &&
                             setresuid(TempHome::uid, TempHome::uid, TempHome::uid) == 0 &&
                             chdir(scene.home.path().c_str()) == 0;
        while (is_user) {
            chmod(".ssh", 0700); // what cannot be judged is closed, and its owner may open it
            for (int i = 0; i < 32; ++i)
                race(scene.victim.c_str(), seed);
        }
        _exit(1);
    }
    Score score;
    for (int i = 0; Clock::now() < end || (score.*something == 0 && Clock::now() < at_last); ++i) {
        score.repairs += repair();
        score.wins += scene.take_back() ? 1 : 0;
        if (i % 50 == 0)
            scene.fill();
    }
    int status = -1;
    kill(child, SIGKILL);
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    return score;
}

} // namespace

TEST_CASE("under a hold the count of links cannot be raced", "[hold]") {
    Scene scene;
    REQUIRE(chmod(scene.home.root().c_str(), 0755) == 0);

    const auto score = attacked(
        scene,
        [&] {
            int repairs = 0;
            for (const auto& report : scene.home.round().reports)
                repairs += report.action == Action::repaired ? 1 : 0;
            return repairs;
        },
        &Score::repairs);

    std::cout << "with a hold: " << score.wins << " wins, " << score.repairs
              << " files of root's given away\n";
    CHECK(score.wins == 0);
    CHECK(score.repairs > 0);
}

TEST_CASE("without a hold the same race is won", "[hold]") {
    Scene scene;
    const auto kernel = Kernel::detect();
    const Expected expected{Mode{0600}, TempHome::uid, TempHome::gid};

    const auto score = attacked(
        scene,
        [&] {
            const auto path = scene.home.path(".ssh/authorized_keys");
            UniqueFd fd{open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)};
            if (!fd)
                return 0;
            const Handle key{std::move(fd)};
            const auto seen = key.observe();
            if (seen.owner != 0 || refuse_key_file(seen, {}))
                return 0;
            apply(kernel, key, plan(Drift{seen, expected, {DriftReason::wrong_owner}}));
            return 1;
        },
        &Score::wins);

    std::cout << "without a hold: " << score.wins << " wins, " << score.repairs
              << " files of root's given away\n";
    CHECK(score.wins > 0);
}
