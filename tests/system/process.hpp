// Programs the tests run: started, waited for with a deadline, their output kept.
#pragma once

#include "patience.hpp"

#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace system_tests {

/// Who a program runs as.
struct Identity {
    uid_t uid = 0;
    gid_t gid = 0;
};

/// What a program wrote, in memory: it never blocks on a reader that is not there.
class Capture {
  public:
    explicit Capture(const char* name);
    ~Capture();
    Capture(const Capture&) = delete;
    Capture& operator=(const Capture&) = delete;

    int fd() const { return fd_; }
    /// Everything written so far from `offset` on.
    std::string text(std::size_t offset = 0) const;

  private:
    int fd_;
};

/// One running program; killed, with SIGKILL, and reaped when this goes.
class Process {
  public:
    explicit Process(const std::vector<std::string>& argv, Identity as = {},
                     const std::string& directory = "/");
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    pid_t pid() const { return pid_; }
    bool running();
    void signal(int number) const;
    /// The exit status, 128 + N after signal N; nothing while it still runs at the deadline.
    std::optional<int> wait(Duration within = patience);
    std::string out() const { return out_.text(); }
    std::string err(std::size_t offset = 0) const { return err_.text(offset); }

  private:
    Capture out_;
    Capture err_;
    pid_t pid_ = -1;
    std::optional<int> status_;
};

/// Processor time that a program has used, in clock ticks (sysconf(_SC_CLK_TCK), a hundred a
/// second).
unsigned long processor_ticks(pid_t pid);

/// How often the kernel has put a thread of this program, or of its children, to sleep so far: one
/// more for each time that something woke it.
unsigned long wake_ups(pid_t pid);

/// What a program that has ended left behind.
struct Ended {
    int status = 0;
    std::string out;
    std::string err;
};

/// Runs to the end; throws std::runtime_error when that takes too long.
Ended run(const std::vector<std::string>& argv, Identity as = {});

/// As run(), and throws when the program fails: for preparations, not for what is tested.
std::string must_run(const std::vector<std::string>& argv);

/// The value of an environment variable that a test cannot do without; throws without it.
std::string environment(const char* name);

} // namespace system_tests
