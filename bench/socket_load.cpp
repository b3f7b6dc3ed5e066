// The processes that load the socket.
#include "socket_load.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <new>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "socket_client.hpp"

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;

constexpr unsigned askers = 4;
constexpr unsigned of_each = SocketLoad::connections / askers;
constexpr microseconds turn{1'000'000 / of_each};

std::uint64_t now_us() {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<microseconds>(Clock::now().time_since_epoch()).count());
}

void checked(int result, const char* what) {
    if (result != 0)
        throw std::system_error(errno, std::generic_category(), what);
}

void become(uid_t uid, gid_t gid) {
    checked(::setgroups(1, &gid), "setgroups");
    checked(::setgid(gid), "setgid");
    checked(::setuid(uid), "setuid");
}

gid_t readers() {
    const auto* const group = ::getgrnam("sshperm");
    if (group == nullptr)
        throw std::runtime_error("there is no group sshperm");
    return group->gr_gid;
}

void wait_for(const std::atomic<bool>& it) {
    while (!it)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

/// Connections that are open all the time; each asks when its turn comes, once a second.
class Asker {
  public:
    Asker(std::string socket, SocketLoad::Counts& counts)
        : socket_(std::move(socket)), counts_(counts) {}

    [[noreturn]] void run() {
        for (;;) {
            wait_for(counts_.is_on);
            for (auto& place : places_)
                open(place);
            auto next = Clock::now();
            for (std::size_t i = 0; counts_.is_on; i = (i + 1) % of_each) {
                next += turn;
                ask(places_[i], i % 2 == 0 ? "/v1/status" : "/v1/health");
                read_until(next);
            }
            for (auto& place : places_)
                close(place);
        }
    }

  private:
    struct Place {
        int connection = -1;
        bool has_asked = false;
        bool is_begun = false; ///< the answer
    };

    void open(Place& place) {
        try {
            place = {connected_to(socket_)};
        } catch (const std::system_error&) {
            ++counts_.refused;
        }
    }

    static void close(Place& place) {
        if (place.connection >= 0)
            ::close(place.connection);
        place = {};
    }

    void ask(Place& place, const char* path) {
        if (place.connection < 0)
            return open(place);
        if (place.has_asked) {
            ++counts_.late;
            return;
        }
        place.has_asked = true; // who was hung up on reads the end
        send_question(place.connection, path);
    }

    void read_until(Clock::time_point end) {
        for (auto left = end - Clock::now(); left.count() > 0; left = end - Clock::now()) {
            pollfd waiting[of_each];
            for (std::size_t i = 0; i < of_each; ++i)
                waiting[i] = {places_[i].has_asked ? places_[i].connection : -1, POLLIN, 0};
            const timespec at_most{0, std::chrono::nanoseconds(left).count()};
            if (::ppoll(waiting, of_each, &at_most, nullptr) <= 0)
                continue;
            for (std::size_t i = 0; i < of_each; ++i)
                if (waiting[i].revents != 0)
                    read(places_[i]);
        }
    }

    void read(Place& place) {
        char part[16384];
        const auto size = ::read(place.connection, part, sizeof part);
        if (size > 0) {
            const std::string_view text{part, static_cast<std::size_t>(size)};
            if (!place.is_begun && text.rfind("HTTP/1.1 200 ", 0) != 0)
                ++counts_.refused;
            else if (!place.is_begun)
                ++counts_.answered;
            place.is_begun = true;
            return;
        }
        if (!place.is_begun)
            ++counts_.refused;
        close(place);
        open(place);
    }

    std::string socket_;
    SocketLoad::Counts& counts_;
    Place places_[of_each];
};

[[noreturn]] void follow(const std::string& socket, SocketLoad::Counts& counts) {
    for (;;) {
        wait_for(counts.is_on);
        pollfd waiting[SocketLoad::followers];
        for (auto& place : waiting) {
            place = {connected_to(socket), POLLIN, 0};
            if (!send_question(place.fd, "/v1/events?follow=1"))
                ++counts.refused;
        }
        while (counts.is_on) {
            ::poll(waiting, SocketLoad::followers, 50);
            for (auto& place : waiting) {
                char part[65536];
                const auto size = place.revents == 0 ? -1 : ::read(place.fd, part, sizeof part);
                if (size > 0) {
                    counts.lines += static_cast<std::uint64_t>(std::count(part, part + size, '\n'));
                } else if (place.revents != 0) { // left by the daemon
                    ++counts.refused;
                    ::close(place.fd);
                    place.fd = -1;
                }
            }
        }
        for (const auto& place : waiting)
            ::close(place.fd);
    }
}

} // namespace

template <class Work>
void SocketLoad::start(Work work) {
    const pid_t process = ::fork();
    if (process < 0)
        throw std::system_error(errno, std::generic_category(), "fork");
    if (process > 0) {
        processes_.push_back(process);
        return;
    }
    try {
        ::signal(SIGPIPE, SIG_IGN);
        sigset_t none;
        ::sigemptyset(&none);
        ::sigprocmask(SIG_SETMASK, &none, nullptr);
        work();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "socket load: %s\n", error.what());
    }
    ::_exit(1);
}

SocketLoad::SocketLoad(const std::string& socket) {
    void* const shared =
        ::mmap(nullptr, sizeof(Counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) // NOLINT(performance-no-int-to-ptr)
        throw std::system_error(errno, std::generic_category(), "mmap");
    counts_ = new (shared) Counts{};
    const auto group = readers();
    for (unsigned i = 0; i < askers; ++i)
        start([&] {
            constexpr uid_t first_member = 60'000; // nobody's, and no account's of make_homes
            if (i > 0)
                become(first_member + i, group);
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            Asker(socket, *counts_).run();
        });
    start([&] {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        follow(socket, *counts_);
    });
}

SocketLoad::~SocketLoad() {
    for (const auto process : processes_) {
        ::kill(process, SIGKILL);
        ::waitpid(process, nullptr, 0);
    }
    ::munmap(counts_, sizeof(Counts));
}

void SocketLoad::turn_on() {
    on_since_us_ = now_us();
    counts_->is_on = true;
}

void SocketLoad::turn_off() {
    std::this_thread::sleep_for(std::chrono::milliseconds(500)); // what was repaired last is told
    counts_->is_on = false;
    counts_->on_us += now_us() - on_since_us_;
}

} // namespace bench
