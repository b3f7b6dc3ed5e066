#include "system/inotify.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <system_error>

namespace sshpermd {
namespace {

constexpr std::size_t buffer_size = 65536;

/// The process's working directory, as it was before any thread went anywhere: a file may be named
/// from there. -1 when there is none.
int usual_directory() {
    static const UniqueFd dir{open(".", O_PATH | O_DIRECTORY | O_CLOEXEC)};
    return dir.get();
}

} // namespace

Inotify::Inotify() : fd_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)), buffer_(buffer_size) {
    if (!fd_)
        throw std::system_error(errno, std::generic_category(), "inotify_init1");
}

WatchSetter::WatchSetter(int inotify)
    : inotify_(inotify), has_own_directory_(usual_directory() >= 0 && unshare(CLONE_FS) == 0) {}

WatchSetter::~WatchSetter() {
    if (has_own_directory_)
        static_cast<void>(!fchdir(usual_directory()));
}

int WatchSetter::watch(const Handle& dir, std::uint32_t mask) const {
    // inotify_add_watch(2) takes a path alone. Two lead to what is held, and "." in half the time.
    // IN_DONT_FOLLOW must stay off: the other is a magic link.
    const bool is_there = has_own_directory_ && fchdir(dir.fd()) == 0;
    const auto path = is_there ? "." : proc_path(dir.fd());
    const int wd =
        inotify_add_watch(inotify_, path.c_str(), mask | IN_ONLYDIR | IN_EXCL_UNLINK | IN_MASK_ADD);
    if (wd < 0)
        throw std::system_error(errno, std::generic_category(), "inotify_add_watch");
    return wd;
}

int Inotify::watch(const Handle& dir, std::uint32_t mask) {
    return WatchSetter{fd_.get()}.watch(dir, mask);
}

void Inotify::unwatch(int wd) { inotify_rm_watch(fd_.get(), wd); }

std::span<const std::byte> Inotify::read() {
    const auto length = ::read(fd_.get(), buffer_.data(), buffer_.size());
    if (length < 0 && errno != EAGAIN && errno != EINTR)
        throw std::system_error(errno, std::generic_category(), "read inotify events");
    // A full event (name included) still fits: the kernel stopped because the queue was empty.
    more_ = length > 0 && buffer_.size() - static_cast<std::size_t>(length) <
                              sizeof(inotify_event) + NAME_MAX + 1;
    return std::span{buffer_}.first(length < 0 ? 0 : static_cast<std::size_t>(length));
}

} // namespace sshpermd
