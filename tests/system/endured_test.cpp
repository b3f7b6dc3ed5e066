// What a machine goes through as a whole: the power fails, the daemon is stopped for a while, its
// configuration is written while it reads it.
#include "accounts.hpp"
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "files.hpp"
#include "targets.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <random>
#include <sstream>
#include <string>
#include <sys/ioctl.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

namespace fs = std::filesystem;
using namespace system_tests;

const fs::path state = "/var/lib/sshpermd";

const Json daemon_config{{"flap", {{"burst", 1000}, {"window", "1s"}}}};

bool is_long() {
    const char* const value = std::getenv("SSHPERMD_LONG");
    return value != nullptr && std::string{value} != "0";
}

/// An ext4 with the homes and the state on it, whose power can fail: what its journal has not got
/// by then is gone, as on a machine (the shutdown that xfstests use).
class Disk {
  public:
    Disk() {
        fs::create_directories(state);
        fs::create_directories(at_);
        must_run({"truncate", "-s", "48M", image_});
        must_run({"mkfs.ext4", "-q", image_});
        mount();
    }
    Disk(const Disk&) = delete;
    Disk& operator=(const Disk&) = delete;
    ~Disk() {
        unmount();
        fs::remove(image_);
    }

    void cut_power() const {
        constexpr unsigned long shutdown = _IOR('X', 125, std::uint32_t);
        constexpr std::uint32_t without_its_journal = 2;
        const int fd = ::open(at_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        REQUIRE(fd >= 0);
        const int answer = ::ioctl(fd, shutdown, &without_its_journal);
        ::close(fd);
        REQUIRE(answer == 0);
    }

    /// Its journal is replayed, and nothing is wrong with it then.
    void come_back() {
        unmount();
        mount();
        unmount();
        must_run({"e2fsck", "-fn", image_});
        mount();
    }

  private:
    void mount() const {
        must_run({"mount", "-o", "loop", image_, at_});
        for (const auto* const part : {"home", "state"})
            fs::create_directories(at_ / part);
        fs::permissions(at_ / "state", fs::perms::owner_all);
        must_run({"mount", "--bind", at_ / "home", "/home"});
        must_run({"mount", "--bind", at_ / "state", state});
    }
    void unmount() const {
        for (const auto& place : {fs::path{"/home"}, state, at_})
            run({"umount", place});
    }

    std::string image_ = "/var/tmp/disk.img";
    fs::path at_ = "/run/disk";
};

std::vector<std::string> lines_of_the_record() {
    std::vector<std::string> lines;
    if (!is_there(state / "record"))
        return lines;
    for (const auto& segment : fs::directory_iterator{state / "record"}) {
        std::istringstream text{read_file(segment.path())};
        for (std::string line; std::getline(text, line);)
            lines.push_back(line);
    }
    return lines;
}

TEST_CASE("after a power cut nothing is wider than it was, and all comes right", "[endured]") {
    Accounts accounts; // clears what the disk is mounted over
    Disk disk;
    const auto alice = accounts.add("alice");
    const auto seed =
        static_cast<unsigned>(std::chrono::steady_clock::now().time_since_epoch().count());
    INFO("seed " << seed);
    std::minstd_rand random{seed};
    ::sync();
    const int cuts = is_long() ? 200 : 8;

    for (int cut = 0; cut < cuts; ++cut) {
        Daemon daemon{daemon_config};
        const auto end =
            std::chrono::steady_clock::now() + std::chrono::microseconds{random() % 60'000};
        while (std::chrono::steady_clock::now() < end) {
            loosen(alice);
            if (random() % 4 == 0)
                ::sync();
        }
        disk.cut_power();
        daemon.process().signal(SIGKILL);
        daemon.process().wait();
        disk.come_back();
        fs::remove("/run/sshpermd/changes"); // was in memory

        for (const auto target : {Target::home, Target::ssh_dir, Target::authorized_keys})
            CHECK((mode_of(path_of(target, alice)) & 07022U) ==
                  0); // loosen() never lets others write
        Daemon next{daemon_config};
        check_becomes_whole(next, alice);
        CHECK(next.stop() == 0);
        for (const auto& line : lines_of_the_record()) {
            INFO(line);
            CHECK(Json::accept(line));
        }
    }
    CHECK(lines_of_the_record().size() > static_cast<std::size_t>(cuts));
}

TEST_CASE("what happened while the daemon was stopped comes right when it goes on", "[endured]") {
    Accounts accounts;
    const auto everybody = accounts.add("user", 20);
    const auto late = accounts.add("late"); // whose change finds the queue full
    Daemon daemon{daemon_config};

    // The second look at everybody, which learns, would find it all by itself.
    wait_for_a_round(daemon, everybody[0]);
    std::this_thread::sleep_for(std::chrono::milliseconds{500});

    daemon.process().signal(SIGSTOP);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{is_long() ? 60 : 3};
    while (std::chrono::steady_clock::now() < end)
        for (const auto& account : everybody)
            loosen(account); // many more changes than the kernel queues
    loosen(late);
    daemon.process().signal(SIGCONT);

    for (const auto& account : everybody)
        check_becomes_whole(daemon, account);
    check_becomes_whole(daemon, late);
    CHECK(daemon.reports("watch.overflow"));
    CHECK(daemon.stop() == 0);
}

TEST_CASE("a configuration that is written while it is read takes nobody's protection away",
          "[endured]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const std::string good = R"({"mode": "repair", "flap": {"burst": 1000}})";
    const std::string path = "/etc/sshpermd/sshpermd.json";
    fs::create_directories("/etc/sshpermd");
    write_file(path, good, {0644, {0, 0}});
    Daemon daemon{Arguments{"--log-target", "stderr"}};
    REQUIRE(daemon.reports("scan.completed"));
    write_file(path, good.substr(0, good.size() / 2), {0644, {0, 0}});
    daemon.process().signal(SIGHUP);
    REQUIRE(daemon.reports("config.rejected")); // half of it is not taken for the whole

    for (int write = 0; write < (is_long() ? 1000 : 100); ++write) {
        std::ofstream file{path, std::ios::trunc}; // in place, byte by byte
        for (const char letter : good) {
            file << letter << std::flush;
            if (letter == '"')
                daemon.process().signal(SIGHUP);
        }
    }
    daemon.process().signal(SIGHUP);
    loosen(alice);

    check_becomes_whole(daemon, alice);
    CHECK(daemon.process().running());
    CHECK(daemon.stop() == 0);
}

} // namespace
