#include "system/inotify.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <system_error>

namespace sshpermd {
namespace {

constexpr std::size_t buffer_size = 65536;

} // namespace

Inotify::Inotify() : fd_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)), buffer_(buffer_size) {
    if (!fd_)
        throw std::system_error(errno, std::generic_category(), "inotify_init1");
}

int watch_directory(int inotify, const Handle& dir, std::uint32_t mask) {
    // IN_DONT_FOLLOW must stay off: the path is a magic link to the held descriptor.
    const int wd = inotify_add_watch(inotify, proc_path(dir.fd()).c_str(),
                                     mask | IN_ONLYDIR | IN_EXCL_UNLINK | IN_MASK_ADD);
    if (wd < 0)
        throw std::system_error(errno, std::generic_category(), "inotify_add_watch");
    return wd;
}

int Inotify::watch(const Handle& dir, std::uint32_t mask) {
    return watch_directory(fd_.get(), dir, mask);
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
