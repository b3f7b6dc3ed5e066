// Makes changes and observes them with nothing but chmod, fstat and the clock.
#include "change.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;

void check(bool good, const std::string& what) {
    if (!good)
        throw std::system_error(errno, std::generic_category(), what);
}

/// A descriptor that only looks; the watcher gets no event from it.
class Look {
  public:
    explicit Look(const std::string& path)
        : x_path{path}, x_fd{::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)} {
        check(x_fd >= 0, path);
    }
    ~Look() { ::close(x_fd); }
    Look(const Look&) = delete;
    Look& operator=(const Look&) = delete;

    mode_t mode() const {
        struct stat status {};
        check(::fstat(x_fd, &status) == 0, x_path);
        return status.st_mode & 07777U;
    }

  private:
    const std::string& x_path;
    int x_fd;
};

} // namespace

double break_and_wait(const std::string& home, const Break& change) {
    const std::string path = home + change.below_home;
    const Look look(path);
    if (look.mode() != change.right)
        throw std::runtime_error(path + " was wrong before it was changed");

    check(::chmod(path.c_str(), change.broken) == 0, path);
    const auto start = Clock::now();
    auto now = start;
    while (look.mode() != change.right) {
        now = Clock::now();
        if (now - start > std::chrono::seconds(2))
            throw std::runtime_error(path + " is still wrong after two seconds");
    }
    now = Clock::now();
    return std::chrono::duration<double, std::micro>(now - start).count();
}

void take_processor(int processor, bool first) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<std::size_t>(processor), &set);
    check(::sched_setaffinity(0, sizeof set, &set) == 0, "sched_setaffinity");
    sched_param priority{};
    priority.sched_priority = 10;
    if (first)
        check(::sched_setscheduler(0, SCHED_FIFO, &priority) == 0, "sched_setscheduler");
}

Usage usage_of(pid_t process) {
    const std::filesystem::path proc = "/proc/" + std::to_string(process);
    Usage usage{};
    for (const auto& task : std::filesystem::directory_iterator(proc / "task")) {
        double nanoseconds = 0;
        std::ifstream(task.path() / "schedstat") >> nanoseconds;
        usage.cpu_us += nanoseconds / 1000;
    }
    long pages = 0;
    std::ifstream(proc / "statm") >> pages >> pages;
    usage.resident_kib = pages * (::sysconf(_SC_PAGESIZE) / 1024);
    std::ifstream status(proc / "status");
    for (std::string word; status >> word;)
        if (word == "RssAnon:")
            status >> usage.own_kib;
    return usage;
}

} // namespace bench
