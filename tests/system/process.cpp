// Programs the tests run: fork, exec, and a poll for the end.
#include "process.hpp"

#include "catch.hpp"
#include "files.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <grp.h>
#include <sstream>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace system_tests {

namespace {

[[noreturn]] void fail(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

/// In the child: becomes the program, or ends with the shell's "cannot be run".
[[noreturn]] void become(char* const* argv, Identity as, const char* directory, int out, int err) {
    const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    const bool ready =
        ::chdir(directory) == 0 && ::dup2(nothing, STDIN_FILENO) >= 0 &&
        ::dup2(out, STDOUT_FILENO) >= 0 && ::dup2(err, STDERR_FILENO) >= 0 &&
        (as.uid == 0 || (::setgroups(0, nullptr) == 0 && ::setresgid(as.gid, as.gid, as.gid) == 0 &&
                         ::setresuid(as.uid, as.uid, as.uid) == 0)) &&
        ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0;
    if (ready)
        ::execvp(argv[0], argv);
    ::_exit(127);
}

int shell_status(int status) {
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

} // namespace

Capture::Capture(const char* name) : fd_{::memfd_create(name, MFD_CLOEXEC)} {
    if (fd_ < 0)
        fail("memfd_create");
}

Capture::~Capture() { ::close(fd_); }

std::string Capture::text(std::size_t offset) const {
    std::string text;
    std::array<char, 65536> buffer{};
    for (;;) {
        const auto at = static_cast<off_t>(offset + text.size());
        const ssize_t got = ::pread(fd_, buffer.data(), buffer.size(), at);
        if (got < 0)
            fail("reading a program's output");
        if (got == 0)
            return text;
        text.append(buffer.data(), static_cast<std::size_t>(got));
    }
}

Process::Process(const std::vector<std::string>& argv, Identity as, const std::string& directory)
    : out_{"stdout"}, err_{"stderr"} {
    auto words = argv;
    std::vector<char*> pointers;
    for (auto& word : words)
        pointers.push_back(word.data());
    pointers.push_back(nullptr);

    pid_ = ::fork();
    if (pid_ < 0)
        fail("fork");
    if (pid_ == 0)
        become(pointers.data(), as, directory.c_str(), out_.fd(), err_.fd());
}

Process::~Process() {
    if (running()) {
        signal(SIGKILL);
        signal(SIGCONT);
        ::waitpid(pid_, nullptr, 0);
    }
}

bool Process::running() {
    if (status_)
        return false;
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) != pid_)
        return true;
    status_ = shell_status(status);
    return false;
}

void Process::signal(int number) const { ::kill(pid_, number); }

std::optional<int> Process::wait(Duration within) {
    eventually([&] { return !running(); }, within);
    return status_;
}

Ended run(const std::vector<std::string>& argv, Identity as) {
    Process process{argv, as};
    const auto status = process.wait(std::chrono::seconds{60});
    if (!status)
        throw std::runtime_error(argv[0] + " does not come to an end: " + process.err());
    return {*status, process.out(), process.err()};
}

std::string must_run(const std::vector<std::string>& argv) {
    auto ended = run(argv);
    if (ended.status != 0)
        throw std::runtime_error(argv[0] + " failed (" + std::to_string(ended.status) +
                                 "): " + ended.err);
    return std::move(ended.out);
}

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0')
        throw std::runtime_error(std::string{name} + " is not set");
    return value;
}

unsigned long processor_ticks(pid_t pid) {
    const auto stat = read_file("/proc/" + std::to_string(pid) + "/stat");
    unsigned long user = 0;
    unsigned long system = 0;
    const auto after_name = stat.substr(stat.rfind(')') + 1);
    REQUIRE(std::sscanf(after_name.c_str(), // NOLINT(cert-err34-c)
                        " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
                        &system) == 2);
    return user + system;
}

unsigned long wake_ups(pid_t pid) {
    unsigned long all = 0;
    for (const auto& task :
         std::filesystem::directory_iterator{"/proc/" + std::to_string(pid) + "/task"}) {
        std::istringstream status{read_file(task.path() / "status")};
        for (std::string word; status >> word;)
            if (word == "voluntary_ctxt_switches:" && status >> word)
                all += std::stoul(word);
        std::istringstream children{read_file(task.path() / "children")};
        for (pid_t child = 0; children >> child;)
            all += wake_ups(child);
    }
    return all;
}

} // namespace system_tests
