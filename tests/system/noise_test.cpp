// Noise: a user who makes changes in his own .ssh and home as fast as he can costs the daemon
// little, and the others nothing.
#include "accounts.hpp"
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "files.hpp"
#include "targets.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <iostream>
#include <string>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using namespace system_tests;
using std::chrono::milliseconds;
using std::chrono::seconds;

#ifdef SSHPERMD_IS_SANITIZED
constexpr double most_of_a_core = 0.35;
#else
constexpr double most_of_a_core = 0.10;
#endif

/// Where a loop makes its changes. System calls only: it runs after a fork.
struct Place {
    const char* home;
    const char* scratch;
};

void make_and_remove(const Place& at) {
    const int fd = open(at.scratch, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0)
        return; // the daemon holds .ssh closed while it repairs
    close(fd);
    unlink(at.scratch);
}

void change_mode(const Place& at) {
    chmod(at.scratch, 0640);
    chmod(at.scratch, 0600);
}

void change_mode_of_home(const Place& at) { chmod(at.home, 0700); }

/// A process of the account's that does one thing as fast as it can, until this goes.
class Loop {
  public:
    Loop(const Account& account, const std::string& scratch, void (*deed)(const Place&))
        : pid_{fork()} {
        if (pid_ != 0)
            return;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (setgid(account.gid) != 0 || setuid(account.uid) != 0)
            _exit(1);
        for (const Place at{account.home.c_str(), scratch.c_str()};;)
            deed(at);
    }
    ~Loop() { end(); }
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    void end() {
        if (pid_ <= 0)
            return;
        kill(pid_, SIGKILL);
        int status = 0;
        waitpid(pid_, &status, 0);
        pid_ = -1;
        CHECK(WIFSIGNALED(status)); // else it ended by itself: there was no noise
    }

  private:
    pid_t pid_;
};

/// Seconds of a processor.
double time_used(const Process& process) {
    return static_cast<double>(processor_ticks(process.pid())) /
           static_cast<double>(sysconf(_SC_CLK_TCK));
}

struct Kind {
    const char* what;
    const char* scratch; ///< in the home
    void (*deed)(const Place&);
    bool is_dropped; ///< all but what the home root's watch reports, which is never dropped
};

constexpr std::array kinds{
    Kind{"create and unlink in .ssh", ".ssh/scratch", make_and_remove, true},
    Kind{"chmod in .ssh", ".ssh/known_hosts", change_mode, true}, // though merged in the queue
    Kind{"chmod of the key file", ".ssh/authorized_keys", change_mode, true},
    Kind{"create and unlink in the home", "scratch", make_and_remove, true},
    Kind{"chmod of the home", "scratch", change_mode_of_home, false},
};

TEST_CASE("a user's noise costs little and delays nobody", "[noise]") {
    const auto kind = GENERATE(from_range(kinds));
    INFO(kind.what);
    Accounts accounts;
    const auto noisy = accounts.add("noisy");
    const auto bob = accounts.add("bob");
    if (kind.deed == change_mode)
        write_file(noisy.home / kind.scratch, "", {0600, owner(noisy)});
    Daemon daemon{Json{{"flap", {{"burst", 5}}}}};

    Loop loop{noisy, noisy.home / kind.scratch, kind.deed};
    std::this_thread::sleep_for(seconds{3});
    const auto before = time_used(daemon.process());
    const auto since = std::chrono::steady_clock::now();
    for (int i = 0; i < 3; ++i) {
        open_up(bob);
        CHECK(eventually([&] { return is_whole(bob); }, seconds{2}));
        std::this_thread::sleep_until(since + (i + 1) * seconds{1});
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - since;
    const auto share = (time_used(daemon.process()) - before) / took.count();
    set_mode(noisy.ssh_dir(), 0777);
    CHECK(eventually([&] { return is(noisy.ssh_dir(), {0700, owner(noisy)}); }, seconds{10}));
    loop.end();

    INFO(daemon.tail());
    std::cout << kind.what << ": " << share * 100 << " % of a core\n";
    CHECK(share < most_of_a_core);
    CHECK(daemon.events("watch.noisy", "noisy").size() == (kind.is_dropped ? 1 : 0));
    CHECK(daemon.events("watch.noisy", "bob").empty());
    CHECK(daemon.events("watch.overflow").size() <= 1);
    open_up(noisy);
    CHECK(eventually([&] { return is_whole(noisy); }, seconds{10}));
}

TEST_CASE("after the noise an account is watched again", "[noise]") {
    Accounts accounts;
    const auto noisy = accounts.add("noisy");
    Daemon daemon;
    {
        const Loop loop{noisy, noisy.ssh_dir() / "scratch", make_and_remove};
        REQUIRE(daemon.reports("watch.noisy", "noisy"));
    }
    CHECK(daemon.events("watch.resumed").empty());

    CHECK(
        eventually([&] { return !daemon.events("watch.resumed", "noisy").empty(); }, seconds{70}));

    for (int i = 0; i < 5; ++i) { // at once, not at the next second
        set_mode(noisy.authorized_keys(), 0666);
        CHECK(eventually([&] { return is_whole(noisy); }, milliseconds{500}));
    }
    CHECK(daemon.events("watch.noisy").size() == 1);
    CHECK(daemon.events("watch.resumed").size() == 1);
}

} // namespace
