// The reference of a full look: home, .ssh and key file of everybody opened one name at a time and
// looked at, and nothing else. Prints how many are right. With "watched", the reference of a start:
// home and .ssh get a watch each before they are looked at.
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <string_view>
#include <system_error>

#include <dirent.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

unsigned right = 0;
int inotify = -1; ///< where there are watches

void watch(int dir) {
    constexpr std::uint32_t mask = IN_ATTRIB | IN_CREATE | IN_DELETE | IN_MOVE;
    if (inotify < 0)
        return;
    if (::fchdir(dir) != 0 || ::inotify_add_watch(inotify, ".", mask | IN_ONLYDIR) < 0)
        throw std::system_error(errno, std::generic_category(), "watch");
}

/// A descriptor of the child, or -1; counts it when its mode is right.
int look_at(int parent, const char* name, int flags, mode_t mode) {
    const int fd = ::openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC | flags);
    if (fd >= 0 && (flags & O_DIRECTORY) != 0)
        watch(fd);
    struct stat status {};
    if (fd >= 0 && ::fstat(fd, &status) == 0 && (status.st_mode & 07777U) == mode)
        ++right;
    return fd;
}

void look_at_home(int root, const char* name) {
    const int home = look_at(root, name, O_DIRECTORY, 0700);
    const int ssh = look_at(home, ".ssh", O_DIRECTORY, 0700);
    const int keys = look_at(ssh, "authorized_keys", 0, 0600);
    for (const int fd : {keys, ssh, home})
        if (fd >= 0)
            ::close(fd);
}

} // namespace

int main(int argc, char** argv) {
    const bool is_watched = argc == 3 && std::string_view{argv[2]} == "watched";
    DIR* const root = argc == 2 || is_watched ? ::opendir(argv[1]) : nullptr;
    if (root == nullptr) {
        std::fputs("usage: chain HOME_ROOT [watched]\n", stderr);
        return 2;
    }
    if (is_watched) {
        inotify = ::inotify_init1(IN_CLOEXEC);
        if (inotify < 0)
            throw std::system_error(errno, std::generic_category(), "inotify_init1");
    }
    while (const dirent* entry = ::readdir(root))
        if (entry->d_name[0] != '.')
            look_at_home(::dirfd(root), entry->d_name);
    ::closedir(root);
    std::printf("%u\n", right);
    return 0;
}
