// A user who is never quiet: names come and go in one directory of his, or its mode changes. Stops
// itself before the first, is let go and stopped with signals, and writes how much it did at
// SIGTERM.
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <string>
#include <system_error>
#include <thread>

#include <CLI/CLI.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

std::atomic<bool> is_over = false;

void checked(int result, const std::string& what) {
    if (result < 0)
        throw std::system_error(errno, std::generic_category(), what);
}

void become_owner_of(const std::string& directory) {
    struct stat status {};
    checked(::stat(directory.c_str(), &status), directory);
    checked(::setgid(status.st_gid), "setgid");
    checked(::setuid(status.st_uid), "setuid");
    checked(::chdir(directory.c_str()), directory);
}

void touch_and_remove() {
    const int fd = ::open("noise", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    checked(fd, "noise");
    ::close(fd);
    checked(::unlink("noise"), "noise");
}

/// Its own mode again: wrong at no time, and an event each.
void change_mode() { checked(::chmod(".", 0700), "."); }

/// As often as `rate` says, or without a rest when it is 0; returns how often.
unsigned long make(void (*one)(), unsigned rate) {
    unsigned long made = 0;
    const auto rest = std::chrono::microseconds(rate == 0 ? 0 : 1'000'000 / rate);
    auto next = std::chrono::steady_clock::now();
    for (; !is_over; ++made) {
        one();
        if (rate == 0)
            continue;
        next += rest;
        const auto now = std::chrono::steady_clock::now();
        if (next + std::chrono::milliseconds(20) < now)
            next = now; // it was stopped: nothing is made up for
        std::this_thread::sleep_until(next);
    }
    return made;
}

} // namespace

int main(int argc, char** argv) try {
    std::string directory;
    unsigned rate = 0;
    bool modes = false;
    CLI::App app{"Makes events in DIRECTORY as its owner, from SIGCONT on."};
    app.add_option("DIRECTORY", directory, "where")->required();
    app.add_option("--rate", rate, "so many a second; 0: as many as the kernel takes");
    app.add_flag("--modes", modes, "changes of its mode, in place of names that come and go");
    CLI11_PARSE(app, argc, argv);

    std::signal(SIGTERM, [](int) { is_over = true; });
    become_owner_of(directory);
    std::raise(SIGSTOP);
    std::printf("%lu\n", make(modes ? change_mode : touch_and_remove, rate));
    return 0;
} catch (const std::exception& error) {
    std::cerr << "storm: " << error.what() << '\n';
    return 1;
}
