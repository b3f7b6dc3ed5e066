// The reference watcher: the least that an inotify and epoll loop must do to undo a chmod, and
// nothing else.
#include <array>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <string>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

/// The `.ssh` behind each watch descriptor; empty for a home or the root.
using Directories = std::vector<std::string>;

int checked(int result, const char* what) {
    if (result < 0)
        throw std::system_error(errno, std::generic_category(), what);
    return result;
}

int watch(int inotify, const std::string& path, std::uint32_t mask) {
    const std::uint32_t flags = IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK;
    return checked(inotify_add_watch(inotify, path.c_str(), mask | flags), path.c_str());
}

/// The watches that sshpermd has on the same tree, so that the kernel's part is the same.
Directories watch_all(int inotify, const std::string& root) {
    const std::uint32_t names = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;
    watch(inotify, root, names | IN_ATTRIB);
    Directories directories;
    for (const auto& home : std::filesystem::directory_iterator(root)) {
        const std::string ssh = home.path().string() + "/.ssh";
        watch(inotify, home.path().string(), names);
        const auto wd = static_cast<std::size_t>(watch(inotify, ssh, names | IN_ATTRIB));
        directories.resize(wd + 1);
        directories[wd] = ssh;
    }
    return directories;
}

void put_back(const std::string& path, mode_t mode) {
    struct stat now {};
    if (::stat(path.c_str(), &now) == 0 && (now.st_mode & 07777U) != mode)
        ::chmod(path.c_str(), mode);
}

void handle(const inotify_event& event, const Directories& directories) {
    const auto wd = static_cast<std::size_t>(event.wd);
    if ((event.mask & IN_ATTRIB) == 0 || wd >= directories.size() || directories[wd].empty())
        return;
    if (event.len == 0)
        put_back(directories[wd], 0700);
    else
        put_back(directories[wd] + '/' + static_cast<const char*>(event.name), 0600);
}

[[noreturn]] void run(int inotify, const Directories& directories) {
    const int epoll = checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    epoll_event ready{};
    ready.events = EPOLLIN;
    checked(::epoll_ctl(epoll, EPOLL_CTL_ADD, inotify, &ready), "epoll_ctl");

    alignas(inotify_event) static std::array<char, 65536> buffer;
    for (;;) {
        ::epoll_wait(epoll, &ready, 1, -1);
        const ssize_t size = ::read(inotify, buffer.data(), buffer.size());
        for (ssize_t at = 0; at < size;) {
            const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
            handle(*event, directories);
            at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
        }
    }
}

} // namespace

int main(int argc, char** argv) try {
    if (argc != 2) {
        std::cerr << "usage: minimal_loop HOME_ROOT\n";
        return 2;
    }
    const int inotify = checked(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC), "inotify_init1");
    const auto directories = watch_all(inotify, argv[1]);
    std::cout << "ready" << std::endl;
    run(inotify, directories);
} catch (const std::exception& error) {
    std::cerr << "minimal_loop: " << error.what() << '\n';
    return 1;
}
