// fs.protected_hardlinks, which is the whole machine's: off for a while, and surely on again.
#include "adversary/hard_links.hpp"

#include "patience.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace system_tests::adversary {

namespace {

constexpr const char* setting = "/proc/sys/fs/protected_hardlinks";
constexpr const char* lock_file = "/run/machine-lock";

std::string read(int fd) {
    std::array<char, 16> text{};
    const auto got = ::pread(fd, text.data(), text.size(), 0);
    return {text.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
}

std::string value() {
    const int fd = ::open(setting, O_RDONLY | O_CLOEXEC);
    auto text = fd >= 0 ? read(fd) : std::string{};
    ::close(fd);
    return text;
}

bool set(const std::string& text) {
    const int fd = ::open(setting, O_WRONLY | O_CLOEXEC);
    const bool is_written =
        fd >= 0 && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    ::close(fd);
    return is_written;
}

} // namespace

UnprotectedHardLinks::UnprotectedHardLinks() {
    lock_ = ::open(lock_file, O_RDWR | O_CLOEXEC);
    if (lock_ < 0) {
        obstacle_ = std::string{"no "} + lock_file + " from namespace.sh";
        return;
    }
    if (!eventually([&] { return ::flock(lock_, LOCK_EX | LOCK_NB) == 0; },
                    std::chrono::minutes{20})) {
        obstacle_ = "another test has the machine's lock";
        return;
    }
    // Somebody who was killed may have left the old value in the file, not yet restored.
    auto was = read(lock_);
    if (was.empty())
        was = value();
    if (::pwrite(lock_, was.data(), was.size(), 0) != static_cast<ssize_t>(was.size()) ||
        !set("0\n"))
        obstacle_ = std::string{setting} + " cannot be set: " + std::strerror(errno);
}

UnprotectedHardLinks::~UnprotectedHardLinks() {
    if (lock_ >= 0)
        let_go();
}

void UnprotectedHardLinks::let_go() {
    const auto was = read(lock_);
    if (!was.empty() && (value() == was || set(was)))
        (void)!::ftruncate(lock_, 0);
    ::flock(lock_, LOCK_UN); // children may hold the same descriptor
    ::close(lock_);
}

} // namespace system_tests::adversary
