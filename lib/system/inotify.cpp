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

/// A thread's working directory that no other thread shares.
class OwnDirectory {
  public:
    OwnDirectory() : is_own_(usual() >= 0 && unshare(CLONE_FS) == 0) {}

    /// False where a thread cannot have one, or not go there.
    bool enter(int dir) const { return is_own_ && fchdir(dir) == 0; }

    void leave() const { static_cast<void>(!fchdir(usual())); }

    static const OwnDirectory& of_this_thread() {
        thread_local const OwnDirectory own;
        return own;
    }

  private:
    /// The process's, as it was before any thread went anywhere; a file may be named from there.
    static int usual() {
        static const UniqueFd dir{open(".", O_PATH | O_DIRECTORY | O_CLOEXEC)};
        return dir.get();
    }

    bool is_own_;
};

} // namespace

Inotify::Inotify() : fd_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)), buffer_(buffer_size) {
    if (!fd_)
        throw std::system_error(errno, std::generic_category(), "inotify_init1");
}

WatchSetter::~WatchSetter() {
    if (has_entered_)
        OwnDirectory::of_this_thread().leave();
}

int WatchSetter::watch(const Handle& dir, std::uint32_t mask) {
    // inotify_add_watch(2) takes a path alone. Two lead to what is held, and "." in half the time.
    // IN_DONT_FOLLOW must stay off: the other is a magic link.
    const bool is_there = OwnDirectory::of_this_thread().enter(dir.fd());
    has_entered_ = has_entered_ || is_there;
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
