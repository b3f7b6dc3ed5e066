// An ordinary user who swaps what is in an own home as fast as the machine allows, to make root's
// repairer act on something else; and a repairer that loses to him, as the control.
#include "accounts.hpp"
#include "catch.hpp"
#include "daemon.hpp"
#include "files.hpp"
#include "ssh_server.hpp"
#include "targets.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <functional>
#include <grp.h>
#include <iostream>
#include <linux/fs.h>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

namespace fs = std::filesystem;
using namespace system_tests;
using Clock = std::chrono::steady_clock;

constexpr Owner root{0, 0};
constexpr int stashed = 64;

/// Seconds for each attack.
std::chrono::seconds duration() {
    const char* const given = std::getenv("SSHPERMD_ATTACK_SECONDS");
    const char* const is_long = std::getenv("SSHPERMD_LONG");
    if (given != nullptr)
        return std::chrono::seconds{std::strtol(given, nullptr, 10)};
    return std::chrono::seconds{is_long != nullptr && std::string{is_long} == "1" ? 60 : 2};
}

/// What must never change: files and a directory of root's, within the attacker's reach. One of
/// them he may even write, and so link; its content is that of a key file, so that no gate but the
/// count of its links stands before it.
class Victims {
  public:
    explicit Victims(const Account& mallory) : secret_{mallory.home / "secret"} {
        make_directory(place_, {0755, root});
        write_file(open_, public_key() + "\n", {0666, root});
        write_file(shadow_, "root:$6$secret:19000::::::\n", {0640, root});
        write_file(secret_, "root:$6$secret:19000::::::\n", {0600, root});
        for (const auto& path : {open_, shadow_, secret_})
            held_.push_back(::open(path.c_str(), O_PATH | O_CLOEXEC));
        make_directory(mallory.home / "vault", {0700, root});
        write_file(mallory.home / "vault/secret.txt", "secret\n", {0600, root});
        held_.push_back(::open((mallory.home / "vault").c_str(), O_PATH | O_CLOEXEC));
        before_ = now();
    }
    ~Victims() {
        for (const int fd : held_)
            ::close(fd);
        fs::remove_all(place_);
    }
    Victims(const Victims&) = delete;
    Victims& operator=(const Victims&) = delete;

    const fs::path& open_file() const { return open_; }
    const fs::path& shadow() const { return shadow_; }

    /// How many are not what they were; puts them right again.
    int wins() {
        int changed = 0;
        const auto after = now();
        for (std::size_t i = 0; i < held_.size(); ++i) {
            if (after[i] == before_[i])
                continue;
            ++changed;
            CHECK(::fchownat(held_[i], "", 0, 0, AT_EMPTY_PATH) == 0);
            const auto path = "/proc/self/fd/" + std::to_string(held_[i]);
            ::chmod(path.c_str(), before_[i].mode);
        }
        return changed;
    }

  private:
    std::vector<Attributes> now() const {
        std::vector<Attributes> all;
        for (const int fd : held_) {
            struct stat about {};
            ::fstat(fd, &about);
            all.push_back({about.st_mode & 07777U, {about.st_uid, about.st_gid}});
        }
        return all;
    }

    fs::path place_{"/home/.victims"};
    fs::path open_{place_ / "open"};
    fs::path shadow_{place_ / "shadow"};
    fs::path secret_;
    std::vector<int> held_;
    std::vector<Attributes> before_;
};

/// The attacker's paths, as C has them; he works in his home.
constexpr const char* key = ".ssh/authorized_keys";

/// What the attacker tries may fail.
void attempt(int /*result*/) {}

void make_key() {
    const int fd = ::open(key, O_CREAT | O_WRONLY | O_NOFOLLOW, 0666);
    if (fd >= 0)
        ::close(fd);
}

void pause_a_little(unsigned& seed) {
    for (volatile int i = static_cast<int>(rand_r(&seed) % 4000); i > 0;)
        i = i - 1;
}

struct Attack {
    std::string name;
    bool beats_naive; ///< the control must lose to it
    std::function<void(unsigned& seed, const Victims& victims)> act;
};

void swap_links(unsigned& seed, const Victims& victims) {
    ::unlink(key);
    attempt(
        ::symlink((rand_r(&seed) % 2 == 0 ? victims.shadow() : victims.open_file()).c_str(), key));
    pause_a_little(seed);
    ::unlink(key);
    make_key();
    ::chmod(key, 0666);
}

/// The link-count race: linked in, looked at, unlinked before the act.
void race_link_count(unsigned& seed, const Victims& victims) {
    ::unlink(key);
    attempt(::link(victims.open_file().c_str(), key));
    pause_a_little(seed);
    ::unlink(key);
    pause_a_little(seed);
}

/// The same, with files of root's that may be given away, so that the repairer is at work.
void race_takeovers(unsigned& seed, const Victims& victims) {
    char name[32];
    std::snprintf(name, sizeof name, "stash/%u", rand_r(&seed) % stashed);
    ::rename(name, key);
    pause_a_little(seed);
    race_link_count(seed, victims);
}

void rename_secrets(unsigned& seed, const Victims& /*victims*/) {
    ::rename("secret", key);
    pause_a_little(seed);
    ::rename(key, "secret");
}

void swap_directories(unsigned& seed, const Victims& /*victims*/) {
    ::renameat2(AT_FDCWD, "vault", AT_FDCWD, ".ssh", RENAME_EXCHANGE);
    ::chmod(".ssh", 0777);
    pause_a_little(seed);
    ::renameat2(AT_FDCWD, "vault", AT_FDCWD, ".ssh", RENAME_EXCHANGE);
    ::chmod(".ssh", 0777);
}

void swap_kinds(unsigned& seed, const Victims& /*victims*/) {
    ::unlink(key);
    ::rmdir(key);
    switch (rand_r(&seed) % 3) {
    case 0: ::mkfifo(key, 0666); break;
    case 1: ::mkdir(key, 0777); break;
    default: make_key(); break;
    }
    ::chmod(key, 0777);
}

const std::vector<Attack>& attacks() {
    static const std::vector<Attack> all{
        {"symlinks", true, swap_links},
        {"link count", true, race_link_count},
        {"link count during takeovers", true, race_takeovers},
        {"renamed secrets", true, rename_secrets},
        {"swapped directories", true, swap_directories},
        {"FIFOs and directories", false, swap_kinds},
        {"all of them", true,
         [](unsigned& seed, const Victims& victims) {
             using Act = void (*)(unsigned&, const Victims&);
             constexpr Act acts[] = {swap_links,     race_link_count,  race_takeovers,
                                     rename_secrets, swap_directories, swap_kinds};
             acts[static_cast<unsigned>(rand_r(&seed)) % std::size(acts)](seed, victims);
         }},
    };
    return all;
}

/// Runs an attack as the account, in a process of its own, while `meanwhile` runs here.
void attack(const Attack& attack, const Account& mallory, const Victims& victims,
            std::chrono::seconds time, const std::function<void()>& meanwhile) {
    const auto end = Clock::now() + time;
    const auto child = ::fork();
    if (child == 0) {
        unsigned seed = 20261121;
        const bool is_mallory = ::setgroups(0, nullptr) == 0 &&
                                ::setresgid(mallory.gid, mallory.gid, mallory.gid) == 0 &&
                                ::setresuid(mallory.uid, mallory.uid, mallory.uid) == 0 &&
                                ::chdir(mallory.home.c_str()) == 0;
        while (is_mallory && Clock::now() < end)
            for (int i = 0; i < 64; ++i)
                attack.act(seed, victims);
        ::_exit(is_mallory ? 0 : 1);
    }
    while (Clock::now() < end)
        meanwhile();
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(status == 0);
}

/// Root's files that may be given away, where the attacker can reach them.
class Stash {
  public:
    explicit Stash(const Account& mallory) {
        make_directory(mallory.home / "stash", {0777, owner(mallory)});
        dir_ = ::open((mallory.home / "stash").c_str(), O_PATH | O_CLOEXEC);
        fill();
    }
    ~Stash() { ::close(dir_); }
    Stash(const Stash&) = delete;
    Stash& operator=(const Stash&) = delete;

    void fill() const {
        const auto line = public_key() + "\n";
        for (int i = 0; i < stashed; ++i) {
            const int fd = ::openat(dir_, std::to_string(i).c_str(),
                                    O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0644);
            if (fd < 0)
                continue;
            CHECK(::write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size()));
            ::close(fd);
        }
    }

  private:
    int dir_ = -1;
};

/// Makes the attacker's .ssh what it was, whatever he left.
void start_over(const Account& mallory) {
    fs::remove_all(mallory.ssh_dir());
    make_directory(mallory.ssh_dir(), {0700, owner(mallory)});
    write_file(mallory.authorized_keys(), public_key() + "\n", {0600, owner(mallory)});
}

/// A careful recipe, by path: a look at type, owner and links, then chown and chmod.
void repair_by_path(const Account& mallory) {
    struct stat about {};
    for (const auto& path : {mallory.ssh_dir(), mallory.authorized_keys()}) {
        const bool fits =
            ::stat(path.c_str(), &about) == 0 && (S_ISDIR(about.st_mode) || about.st_nlink == 1);
        if (!fits || (about.st_uid == mallory.uid && (about.st_mode & 077U) == 0))
            continue;
        if (::chown(path.c_str(), mallory.uid, mallory.gid) == 0)
            ::chmod(path.c_str(), S_ISDIR(about.st_mode) ? 0700 : 0600);
    }
}

TEST_CASE("no swap makes root act on what is not the attacker's", "[adversary]") {
    Accounts accounts;
    const auto mallory = accounts.add("mallory");
    const auto neighbour = accounts.add("neighbour");
    Victims victims{mallory};
    const Stash stash{mallory};
    Daemon daemon;

    for (const auto& one : attacks()) {
        start_over(mallory);
        int wins = 0;
        attack(one, mallory, victims, duration(), [&] {
            wins += victims.wins();
            stash.fill();
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
        });
        wins += victims.wins();
        std::cout << one.name << ": " << wins << " wins, "
                  << daemon.events("permission.repaired", "mallory").size()
                  << " repairs of the attacker's so far\n";
        INFO(one.name << "\n" << daemon.tail());
        CHECK(wins == 0);

        open_up(neighbour);
        CHECK(eventually([&] { return is_whole(neighbour); }, std::chrono::seconds{2}));
        start_over(mallory);
        open_up(mallory);
        CHECK(eventually([&] { return is_whole(mallory); }, std::chrono::seconds{10}));
        REQUIRE(daemon.process().running());
    }
    CHECK(daemon.stop() == 0);
}

/// Without the daemon's patience with what is new: as many holds and takeovers as can be.
TEST_CASE("no swap makes the tool act on what is not the attacker's", "[adversary]") {
    Accounts accounts;
    const auto mallory = accounts.add("mallory");
    Victims victims{mallory};
    const Stash stash{mallory};

    for (const auto& one : attacks()) {
        start_over(mallory);
        int wins = 0;
        int runs = 0;
        int given = 0;
        attack(one, mallory, victims, duration(), [&] {
            const auto ended = run({sshpermctl(), "repair", "--json", "mallory"});
            given +=
                ended.out.find(R"("reasons":["too_open","wrong_owner")") != std::string::npos ||
                ended.out.find(R"("reasons":["wrong_owner")") != std::string::npos;
            ++runs;
            wins += victims.wins();
            stash.fill();
        });
        wins += victims.wins();
        std::cout << one.name << ": " << wins << " wins over the tool in " << runs << " runs, "
                  << given << " times something of root's was given away\n";
        INFO(one.name);
        CHECK(wins == 0);
    }
}

TEST_CASE("the same attacks beat a repairer that works by path", "[adversary]") {
    Accounts accounts;
    const auto mallory = accounts.add("mallory");
    Victims victims{mallory};
    const Stash stash{mallory};

    for (const auto& one : attacks()) {
        start_over(mallory);
        int wins = 0;
        attack(one, mallory, victims, duration(), [&] {
            for (int i = 0; i < 100; ++i)
                repair_by_path(mallory);
            wins += victims.wins();
            stash.fill();
        });
        wins += victims.wins();
        std::cout << one.name << ": " << wins << " wins over the control\n";
        INFO(one.name);
        if (one.beats_naive)
            CHECK(wins > 0);
    }
}

} // namespace
