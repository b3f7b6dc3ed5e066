#include "system/inquirer.hpp"

#include "system/unique_fd.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <thread>

namespace sshpermd {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// What posix_spawn(3) is told, freed in the end.
class SpawnPlan {
  public:
    explicit SpawnPlan(int output) {
        posix_spawn_file_actions_init(&actions_);
        posix_spawnattr_init(&attributes_);
        const auto add = [&](int failed) { complete_ = complete_ && failed == 0; };
        add(posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0));
        add(posix_spawn_file_actions_adddup2(&actions_, output, 1));
        add(posix_spawn_file_actions_addopen(&actions_, 2, "/dev/null", O_WRONLY, 0));
        sigset_t none;
        sigset_t all;
        sigemptyset(&none);
        sigfillset(&all);
        add(posix_spawnattr_setsigmask(&attributes_, &none));
        add(posix_spawnattr_setsigdefault(&attributes_, &all));
        add(posix_spawnattr_setpgroup(&attributes_, 0));
        add(posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                       POSIX_SPAWN_SETPGROUP));
    }
    SpawnPlan(const SpawnPlan&) = delete;
    SpawnPlan& operator=(const SpawnPlan&) = delete;
    ~SpawnPlan() {
        posix_spawnattr_destroy(&attributes_);
        posix_spawn_file_actions_destroy(&actions_);
    }

    pid_t start(const std::vector<std::string>& argv) const {
        std::vector<char*> words;
        words.reserve(argv.size() + 1);
        for (const auto& word : argv)
            words.push_back(const_cast<char*>(word.c_str()));
        words.push_back(nullptr);
        std::string path = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
        std::string language = "LC_ALL=C";
        const std::array<char*, 3> environment{path.data(), language.data(), nullptr};
        pid_t pid = -1;
        const bool started = complete_ && posix_spawn(&pid, words[0], &actions_, &attributes_,
                                                      words.data(), environment.data()) == 0;
        return started ? pid : -1;
    }

  private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
    bool complete_ = true;
};

int until_ms(Clock::time_point end) {
    const auto left = std::chrono::ceil<milliseconds>(end - Clock::now()).count();
    return static_cast<int>(std::max<milliseconds::rep>(left, 0));
}

/// Everything up to the end of the output; nothing beyond the limits.
std::optional<std::string> read_all(int fd, std::size_t max_bytes, Clock::time_point end) {
    std::string text;
    std::array<char, 16384> buffer{};
    while (Clock::now() < end) {
        pollfd ready{fd, POLLIN, 0};
        if (poll(&ready, 1, until_ms(end)) <= 0)
            continue;
        const auto length = read(fd, buffer.data(), buffer.size());
        if (length == 0)
            return text;
        if (length < 0 && errno != EINTR)
            return std::nullopt;
        if (length > 0)
            text.append(buffer.data(), static_cast<std::size_t>(length));
        if (text.size() > max_bytes)
            return std::nullopt;
    }
    return std::nullopt;
}

/// Waits for the end of a child; false when that does not come in time.
bool reap(pid_t pid, int& status, Clock::time_point until) {
    for (;;) {
        const auto ended = waitpid(pid, &status, WNOHANG);
        if (ended < 0 && errno != EINTR)
            status = -1; // somebody else reaped it: no exit
        if (ended > 0 || (ended < 0 && errno != EINTR))
            return true;
        if (Clock::now() >= until)
            return false;
        std::this_thread::sleep_for(milliseconds{1});
    }
}

} // namespace

std::optional<std::string> Inquirer::ask(const std::vector<std::string>& argv,
                                         const Limits& limits) {
    int status = 0;
    if (left_behind_ > 0 && !reap(left_behind_, status, Clock::now()))
        return std::nullopt;
    left_behind_ = -1;

    std::array<int, 2> ends{-1, -1};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        return std::nullopt;
    const UniqueFd from{ends[0]};
    UniqueFd to{ends[1]};
    const auto end = Clock::now() + limits.deadline;
    const auto pid = SpawnPlan{to.get()}.start(argv);
    to = UniqueFd{};
    if (pid < 0)
        return std::nullopt;

    auto answer = read_all(from.get(), limits.bytes, end);
    if (!answer || !reap(pid, status, end)) {
        answer.reset();
        kill(-pid, SIGKILL);
        kill(pid, SIGKILL);
        if (!reap(pid, status, Clock::now() + milliseconds{200}))
            left_behind_ = pid;
    }
    if (answer && !(WIFEXITED(status) && WEXITSTATUS(status) == 0))
        return std::nullopt;
    return answer;
}

} // namespace sshpermd
