// The record: every change is on it, whoever does not read, whenever the daemon is killed, whatever
// the disk does.
#include "accounts.hpp"
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "files.hpp"
#include "targets.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <iterator>
#include <random>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace {

namespace fs = std::filesystem;
using namespace system_tests;
using Clock = std::chrono::steady_clock;

const fs::path state = "/var/lib/sshpermd";
const fs::path record = state / "record";
const std::string changes = "/run/sshpermd/changes";

/// A machine on which nothing was ever recorded.
struct Nothing {
    Nothing() {
        fs::remove_all(state);
        fs::remove(changes);
    }
};

/// Every line of the record, in order; nothing for a line that is none.
std::vector<Json> recorded() {
    std::vector<fs::path> segments;
    if (is_there(record))
        std::copy(fs::directory_iterator{record}, {}, std::back_inserter(segments));
    std::sort(segments.begin(), segments.end());
    std::vector<Json> lines;
    for (const auto& segment : segments) {
        std::istringstream text{read_file(segment)};
        for (std::string line; std::getline(text, line);)
            lines.push_back(Json::parse(line, nullptr, false));
    }
    return lines;
}

std::vector<Json> recorded(const std::string& kind) {
    auto lines = recorded();
    std::erase_if(lines, [&](const Json& line) {
        return !line.is_object() || text_at(line, "/event") != kind;
    });
    return lines;
}

/// A daemon whose standard error goes to a file or FIFO; nothing is waited for.
CommandLine daemon_into(const std::string& file) {
    const auto config = write_config(Json{{"mode", "repair"}, {"flap", {{"burst", 1000}}}});
    return {{"sh", "-c",
             "exec " + sshpermd() + " --config " + config + " --log-target stderr 2>" + file}};
}

/// A FIFO that has a reader which never reads, and is full.
class FullPipe {
  public:
    explicit FullPipe(const std::string& path) {
        fs::remove(path);
        REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
        fd_ = ::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
        const std::string block(4096, 'x');
        while (::write(fd_, block.data(), block.size()) > 0) {
        }
    }
    FullPipe(const FullPipe&) = delete;
    FullPipe& operator=(const FullPipe&) = delete;
    ~FullPipe() { ::close(fd_); }

  private:
    int fd_ = -1;
};

/// A file system with room for a few hundred events only.
class SmallDisk {
  public:
    SmallDisk() {
        fs::create_directory(state);
        must_run({"mount", "-t", "tmpfs", "-o", "size=128k,mode=0700", "tmpfs", state});
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    ~SmallDisk() { run({"umount", "-l", state}); }

    void fill() const { run({"dd", "if=/dev/zero", "of=" + ballast_.string(), "bs=1k"}); }
    void empty() const { fs::remove(ballast_); }

  private:
    fs::path ballast_ = state / "ballast";
};

constexpr std::size_t targets = 3;

TEST_CASE("a daemon whose stderr nobody reads repairs, records every repair, and ends",
          "[record]") {
    const Nothing nothing;
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const FullPipe pipe{"/run/nobody-reads"};
    Daemon daemon{daemon_into("/run/nobody-reads")};
    constexpr std::size_t rounds = 50;

    for (std::size_t i = 0; i < rounds; ++i) {
        loosen(alice);
        check_becomes_whole(daemon, alice);
    }

    CHECK(eventually([] { return recorded("permission.repaired").size() == rounds * targets; }));
    CHECK(daemon.stop() == 0);
    CHECK(recorded("daemon.stopping").size() == 1);
}

/// One file that is made wrong again as soon as it is right, and how often somebody put it right.
struct Victim {
    fs::path path;
    mode_t right;
    mode_t wrong;
    std::size_t repairs = 0;
    bool is_wrong = false;

    bool look() {
        if (is_wrong && (mode_of(path) & 07777U) != right)
            return false;
        repairs += is_wrong ? 1 : 0;
        is_wrong = false;
        return true;
    }
    void spoil() {
        set_mode(path, wrong);
        is_wrong = true;
    }
};

TEST_CASE("whenever the daemon is killed, each change that it made is told", "[record]") {
    const Nothing nothing;
    Accounts accounts;
    const auto alice = accounts.add("alice");
    Victim keys{alice.authorized_keys(), 0600, 0666};
    Victim ssh_dir{alice.ssh_dir(), 0700, 0755};
    std::minstd_rand random{static_cast<unsigned>(Clock::now().time_since_epoch().count())};
    const char* const is_long = std::getenv("SSHPERMD_LONG");
    const std::size_t kills = is_long != nullptr && std::string{is_long} != "0" ? 1000 : 100;

    for (std::size_t kill = 0; kill < kills; ++kill) {
        Daemon daemon{daemon_into("/dev/null")};
        keys.spoil();
        ssh_dir.spoil();
        REQUIRE(eventually([&] { return keys.look(); }));
        const auto end = Clock::now() + std::chrono::microseconds{random() % 8000};
        const bool at_a_change = random() % 2 == 0; // as soon as one is seen, else at any moment
        for (bool seen = false; Clock::now() < end || (at_a_change && !seen);) {
            seen = false;
            for (auto* const victim : {&keys, &ssh_dir}) {
                if (!victim->look())
                    continue;
                seen = true;
                if (Clock::now() < end || !at_a_change)
                    victim->spoil();
            }
        }
        daemon.process().signal(SIGKILL);
        REQUIRE(daemon.process().wait() == 128 + SIGKILL);
        keys.look();
        ssh_dir.look();
    }
    Daemon last;
    CHECK(last.stop() == 0);
    keys.look();
    ssh_dir.look();

    const auto repaired = recorded("permission.repaired").size();
    const auto interrupted = recorded("repair.interrupted").size();
    const auto seen = keys.repairs + ssh_dir.repairs;
    WARN("seen " << seen << ", recorded " << repaired << ", interrupted " << interrupted);
    CHECK(seen >= 2 * kills);
    CHECK(seen <= repaired + interrupted);
    CHECK(repaired + interrupted <= seen + 2 * kills); // a record is not told over and over
}

TEST_CASE("a change that was cut off is told by the next daemon, and once", "[record]") {
    const Nothing nothing;
    Accounts accounts;
    const auto alice = accounts.add("alice");
    fs::create_directory(state);
    fs::create_directory(record);
    must_run({"mount", "-t", "tmpfs", "-o", "ro", "tmpfs", state}); // nothing gets into a record
    {
        Daemon daemon;
        set_mode(alice.ssh_dir(), 0755); // 0777 would have the keys judged, too
        check_becomes_whole(daemon, alice);
        daemon.process().signal(SIGKILL);
        daemon.process().wait();
    }
    must_run({"umount", state});

    { Daemon daemon; }
    Daemon daemon;

    const auto told = recorded("repair.interrupted");
    REQUIRE(told.size() == 1);
    CHECK(text_at(told[0], "/user/name") == "alice");
    CHECK(text_at(told[0], "/target") == "ssh_dir");
    CHECK(text_at(told[0], "/before/mode") == "0755");
    CHECK(text_at(told[0], "/expected/mode") == "0700");
    CHECK(text_at(told[0], "/after/mode") == "0700");
}

TEST_CASE("a torn record is cut, and goes on", "[record]") {
    const Nothing nothing;
    Accounts accounts;
    const auto alice = accounts.add("alice");
    make_directory(state, {0700, {0, 0}});
    make_directory(record, {0700, {0, 0}});
    write_file(record / "00000001.jsonl", "{\"seq\":1}\n{\"seq\":2,\"to", {0600, {0, 0}});
    Daemon daemon;

    loosen(alice);
    check_becomes_whole(daemon, alice);
    CHECK(daemon.stop() == 0);

    const auto lines = recorded();
    CHECK(lines.front() == Json{{"seq", 1}});
    CHECK(
        std::all_of(lines.begin(), lines.end(), [](const Json& line) { return line.is_object(); }));
    CHECK(recorded("permission.repaired").size() == targets);
}

TEST_CASE("whatever is in the file of changes, the daemon repairs", "[record]") {
    const Nothing nothing;
    Accounts accounts;
    const auto alice = accounts.add("alice");
    for (const std::string& bytes :
         {std::string{}, std::string{"nonsense"}, std::string(1U << 20U, 'A')}) {
        write_file(changes, bytes, {0600, {0, 0}});
        Daemon daemon;

        loosen(alice);
        check_becomes_whole(daemon, alice);
        CHECK(daemon.stop() == 0);
    }
    CHECK(recorded("permission.repaired").size() == 3 * targets);
    CHECK(recorded("repair.interrupted").empty());
}

TEST_CASE("daemon and sshpermctl write to one record", "[record]") {
    const Nothing nothing;
    Accounts accounts;
    const auto alice = accounts.add("alice");
    loosen(alice);
    {
        Daemon daemon;
        CHECK(daemon.stop() == 0);
    }
    loosen(alice);

    run({sshpermctl(), "repair"});

    const auto repairs = recorded("permission.repaired");
    REQUIRE(repairs.size() == 2 * targets);
    CHECK(text_at(repairs.front(), "/source") == "daemon");
    CHECK(text_at(repairs.back(), "/source") == "sshpermctl");
    CHECK(recorded("repair.interrupted").empty());
    Daemon daemon;
    CHECK(recorded("repair.interrupted").empty());
}

TEST_CASE("with a full disk the daemon repairs and says so once; nothing is lost", "[record]") {
    const Nothing nothing;
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const SmallDisk disk;
    Daemon daemon;
    disk.fill();
    constexpr std::size_t rounds = 10;

    for (std::size_t i = 0; i < rounds; ++i) {
        loosen(alice);
        check_becomes_whole(daemon, alice);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{2500}); // it tries again each second

    REQUIRE(daemon.reports("log.dropped"));
    CHECK(daemon.events("log.dropped").size() == 1);
    CHECK(text_at(daemon.events("log.dropped")[0], "/error/code") == "ENOSPC");
    CHECK(eventually(
        [&] { return daemon.events("permission.repaired", "alice").size() == rounds * targets; }));
    disk.empty();
    CHECK(eventually([] { return recorded("permission.repaired").size() == rounds * targets; }));
    CHECK(daemon.reports("daemon.recovered"));
    CHECK(daemon.stop() == 0);
}

} // namespace
