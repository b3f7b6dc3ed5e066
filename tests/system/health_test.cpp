// Health: a watch that died, one that is too small, and a loop that hangs are noticed.
#include "accounts.hpp"
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "few_watches.hpp"
#include "files.hpp"
#include "http.hpp"
#include "notify_socket.hpp"
#include "targets.hpp"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <string>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <system_error>
#include <unistd.h>

namespace {

namespace fs = std::filesystem;
using namespace system_tests;

/// Rescans come no oftener than every half minute.
constexpr Duration until_a_rescan = std::chrono::seconds{60};
const Json rescans_often{{"rescan_interval", "30s"}};

Json status() { return Json::parse(say(http("GET", "/v1/status")).body); }

bool is_degraded_by(const std::string& reason) {
    const auto now = status();
    for (const auto& one : now.at("degraded"))
        if (one.at("reason") == reason)
            return true;
    return false;
}

[[noreturn]] void fail(const char* doing) {
    throw std::system_error(errno, std::generic_category(), doing);
}

/// A descriptor of another process, as one of ours.
class Borrowed {
  public:
    Borrowed(pid_t pid, const std::string& what) {
        int number = -1;
        for (const auto& entry : fs::directory_iterator("/proc/" + std::to_string(pid) + "/fd"))
            if (fs::read_symlink(entry.path()) == what)
                number = std::stoi(entry.path().filename());
        const auto process = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
        fd_ = static_cast<int>(syscall(SYS_pidfd_getfd, process, number, 0));
        const int error = errno;
        close(process);
        errno = error;
        if (fd_ < 0)
            fail("borrow a descriptor");
    }
    ~Borrowed() { close(fd_); }
    Borrowed(const Borrowed&) = delete;
    Borrowed& operator=(const Borrowed&) = delete;

    int fd() const { return fd_; }

  private:
    int fd_ = -1;
};

/// Ends every watch of a daemon, so that it hears nothing of it.
void kill_watches(Daemon& daemon) {
    daemon.process().signal(SIGSTOP);
    const Borrowed inotify{daemon.process().pid(), "anon_inode:inotify"};
    constexpr int more_than_it_has = 1000;
    for (int wd = 1; wd < more_than_it_has; ++wd)
        inotify_rm_watch(inotify.fd(), wd);
    std::string buffer(65536, '\0');
    while (::read(inotify.fd(), buffer.data(), buffer.size()) > 0) // that they ended
        continue;
    daemon.process().signal(SIGCONT);
}

TEST_CASE("a watch that died without a word is noticed, told and set anew", "[health]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto bob = accounts.add("bob");
    Daemon daemon{rescans_often};
    wait_for_a_round(daemon, bob);
    REQUIRE(daemon.events("watch.dead").empty());
    REQUIRE(status().at("missed_by_events") == 0);

    kill_watches(daemon);
    set_mode(alice.authorized_keys(), 0640);

    CHECK(eventually([&] { return !daemon.events("watch.dead").empty(); }, until_a_rescan));
    check_becomes_whole(daemon, alice);
    CHECK(status().at("missed_by_events") == 1);
    CHECK(daemon.reports("daemon.recovered"));
    CHECK(!is_degraded_by("watch_dead"));
    CHECK(status().at("ok") == true);
    CHECK(status().at("watches").at("rebuilt") == 1);
    set_mode(alice.ssh_dir(), 0777);
    check_becomes_whole(daemon, alice);
    CHECK(eventually([&] {
        const auto repairs = daemon.events("permission.repaired", "alice");
        return repairs.size() == 2 && repairs.back().at("trigger") == "inotify";
    }));
    CHECK(status().at("missed_by_events") == 1);
}

TEST_CASE("a canary's directory that is replaced makes no more of it than one new watch",
          "[health]") {
    Accounts accounts;
    accounts.add("alice");
    Daemon daemon{rescans_often};

    fs::remove_all("/run/sshpermd/canary");

    CHECK(eventually([&] { return !daemon.events("watch.dead").empty(); }, until_a_rescan));
    CHECK(daemon.reports("daemon.recovered"));
    CHECK(is_there("/run/sshpermd/canary/canary"));
    CHECK(daemon.events("watch.dead").size() == 1);
    CHECK(daemon.events("permission.repaired").empty());
    CHECK(status().at("watches").at("rebuilt") == 1);
}

TEST_CASE("a watch that cannot be tested is told", "[health]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    fs::remove_all("/run/sshpermd/canary");
    fs::create_directories("/run/sshpermd");
    write_file("/run/sshpermd/canary", "in the way\n", {0600, {0, 0}});
    Daemon daemon;

    CHECK(is_degraded_by("watch_untested"));
    CHECK(status().at("ok") == false);
    set_mode(alice.ssh_dir(), 0777);
    check_becomes_whole(daemon, alice);
    CHECK(daemon.events("watch.dead").empty());
    fs::remove("/run/sshpermd/canary");
}

TEST_CASE("of too few watches every .ssh gets one, and more are taken when there are more",
          "[health]") {
    Accounts accounts;
    const auto people = accounts.add("user", 6);
    const auto config = write_config(Json{{"poll_interval", "1h"}, {"rescan_interval", "30s"}});
    // 1,024 are others', four are above the homes.
    Daemon daemon{with_few_watches(1034, {"--config", config, "--log-target", "stderr"})};
    REQUIRE(eventually([&] { return map_ids(daemon.process().pid()); }));
    REQUIRE(daemon.reports("scan.completed"));
    REQUIRE(eventually([] { return is_there(socket_path); }));

    CHECK(status().at("users").at("polled") == 6);
    CHECK(status().at("watches").at("used") == 10);
    CHECK(is_degraded_by("watch_limit"));
    REQUIRE(daemon.reports("watch.limit"));
    CHECK(text_at(daemon.events("watch.limit").at(0), "/message")
              .find("inotify watch limit reached (user.max_inotify_watches=1034, need 16)") == 0);
    for (const auto& account : people)
        set_mode(account.authorized_keys(), 0640);
    for (const auto& account : people)
        check_becomes_whole(daemon, account);

    allow_watches(daemon.process().pid(), 1040);
    CHECK(eventually([&] { return !daemon.events("daemon.recovered").empty(); }, until_a_rescan));
    CHECK(status().at("users").at("polled") == 0);
    CHECK(status().at("watches").at("used") == 16);
    CHECK(daemon.events("watch.limit").size() == 1);
}

/// Whoever opens a file waits, until this goes.
class Barrier {
  public:
    explicit Barrier(const fs::path& file)
        : fd_(fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC | FAN_NONBLOCK, O_RDONLY)) {
        if (fd_ < 0 || fanotify_mark(fd_, FAN_MARK_ADD, FAN_OPEN_PERM, AT_FDCWD, file.c_str()) != 0)
            fail("bar a file");
    }
    ~Barrier() { close(fd_); }
    Barrier(const Barrier&) = delete;
    Barrier& operator=(const Barrier&) = delete;

    /// Has somebody run into it?
    bool holds_somebody() const {
        fanotify_event_metadata event{};
        return ::read(fd_, &event, sizeof event) == sizeof event;
    }

  private:
    int fd_;
};

TEST_CASE("the service manager hears from the loop while it turns, and from nothing else",
          "[health]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    NotifySocket manager;
    const auto config = write_config(Json{{"mode", "repair"}});
    Daemon daemon{CommandLine{{"env", "NOTIFY_SOCKET=" + manager.path(), "WATCHDOG_USEC=200000",
                               sshpermd(), "--config", config, "--log-target", "stderr"}}};
    const auto keep_alives = [&] { return manager.count("WATCHDOG=1"); };
    CHECK(eventually([&] { return manager.count("READY=1") == 1; }));
    CHECK(eventually([&] { return keep_alives() >= 3; }));
    CHECK(eventually([&] { return manager.status().starts_with("Protecting 1 account"); }));
    REQUIRE(daemon.reports("scan.completed"));

    std::size_t before = 0;
    {
        const Barrier barrier{alice.authorized_keys()};
        set_mode(alice.authorized_keys(), 0666);
        REQUIRE(eventually([&] { return barrier.holds_somebody(); }));
        before = keep_alives();
        std::this_thread::sleep_for(std::chrono::seconds{2}); // twenty would have come

        CHECK(keep_alives() == before);
        CHECK(mode_of(alice.authorized_keys()) != 0600);
    }
    check_becomes_whole(daemon, alice);
    CHECK(eventually([&] { return keep_alives() > before; }));
}

} // namespace
