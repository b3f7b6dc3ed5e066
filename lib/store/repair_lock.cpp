#include "store/repair_lock.hpp"

#include "io/failure.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>

namespace sshpermd {
namespace {

constexpr const char* run_dir = "/run/sshpermd";

std::optional<pid_t> written_pid(int fd) {
    std::array<char, 16> text{};
    const auto length = pread(fd, text.data(), text.size(), 0);
    pid_t pid = 0;
    if (length <= 0 || std::from_chars(text.data(), text.data() + length, pid).ec != std::errc{})
        return std::nullopt;
    return pid;
}

} // namespace

std::variant<RepairLock, LockHolder> take_repair_lock(const char* path) {
    if (mkdir(run_dir, 0755) != 0 && errno != EEXIST)
        fail(errno, std::string{"cannot make "} + run_dir);
    UniqueFd fd{open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600)};
    if (!fd)
        fail(errno, std::string{"cannot open "} + path);
    // Whoever may read it may lock it, and so keep every repairer away.
    if (fchmod(fd.get(), 0600) != 0)
        fail(errno, std::string{"cannot close "} + path + " to others");
    if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK)
            fail(errno, std::string{"cannot lock "} + path);
        return LockHolder{written_pid(fd.get())};
    }
    const auto pid = std::to_string(getpid()) + "\n";
    if (ftruncate(fd.get(), 0) != 0 ||
        pwrite(fd.get(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size()))
        fail(errno, std::string{"cannot write "} + path);
    return RepairLock{std::move(fd)};
}

} // namespace sshpermd
