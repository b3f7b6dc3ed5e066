#include "system/child_process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace sshpermd {
namespace {

/// What posix_spawn(3) is told, freed in the end.
class SpawnPlan {
  public:
    SpawnPlan(int input, int output, ChildProcess::Errors errors) {
        posix_spawn_file_actions_init(&actions_);
        posix_spawnattr_init(&attributes_);
        const auto add = [&](int failed) { complete_ = complete_ && failed == 0; };
        if (input < 0)
            add(posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0));
        else
            add(posix_spawn_file_actions_adddup2(&actions_, input, 0));
        add(posix_spawn_file_actions_adddup2(&actions_, output, 1));
        if (errors == ChildProcess::Errors::with_output)
            add(posix_spawn_file_actions_adddup2(&actions_, output, 2));
        else
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

} // namespace

std::optional<ChildProcess> ChildProcess::start(const std::vector<std::string>& argv, int input,
                                                Errors errors) {
    std::array<int, 2> ends{-1, -1};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        return std::nullopt;
    UniqueFd from{ends[0]};
    const UniqueFd to{ends[1]};
    const auto flags = fcntl(from.get(), F_GETFL);
    if (flags < 0 || fcntl(from.get(), F_SETFL, flags | O_NONBLOCK) != 0) // our end alone
        return std::nullopt;
    const auto pid = SpawnPlan{input, to.get(), errors}.start(argv);
    if (pid < 0)
        return std::nullopt;
    return ChildProcess{pid, std::move(from)};
}

void ChildProcess::kill() const {
    if (pid_ <= 0)
        return;
    ::kill(-pid_, SIGKILL);
    ::kill(pid_, SIGKILL);
}

bool ChildProcess::reap() {
    if (pid_ <= 0)
        return true;
    int status = 0;
    const auto ended = waitpid(pid_, &status, WNOHANG);
    if (ended == 0 || (ended < 0 && errno == EINTR))
        return false;
    if (ended > 0 && WIFEXITED(status))
        status_ = WEXITSTATUS(status);
    pid_ = -1;
    return true;
}

} // namespace sshpermd
