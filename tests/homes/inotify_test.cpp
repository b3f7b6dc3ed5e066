// A watch is set from inside the directory, and nobody stays there: who did would keep a file
// system from being unmounted, or find no file that was named from where the program was started.
#include "catch.hpp"

#include "system/inotify.hpp"
#include "temp_home.hpp"
#include "watch/inotify_buffer.hpp"

#include <fcntl.h>
#include <sys/inotify.h>

#include <filesystem>
#include <string>
#include <thread>

using namespace sshpermd;

namespace {

std::string where_this_thread_stands() {
    return std::filesystem::read_symlink("/proc/thread-self/cwd");
}

Handle hold(const std::string& path) {
    return Handle{UniqueFd{open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)}};
}

bool hears_of_a_change(Inotify& inotify, const TempHome& home) {
    home.write("a file", "");
    InotifyBuffer events{inotify.read()};
    Change change;
    return events.next(change) && change.name == "a file";
}

} // namespace

TEST_CASE("who has set a watch stands where he stood", "[inotify]") {
    const TempHome home;
    Inotify inotify;
    const auto before = where_this_thread_stands();
    inotify.watch(hold(home.path()), IN_CREATE);
    CHECK(where_this_thread_stands() == before);
    CHECK(hears_of_a_change(inotify, home));
}

TEST_CASE("a thread that sets watches takes no other along", "[inotify]") {
    const TempHome home;
    Inotify inotify;
    const auto before = where_this_thread_stands();
    std::string meanwhile;
    std::string afterwards;
    std::string elsewhere;
    std::thread{[&] {
        {
            WatchSetter setter{inotify.fd()};
            setter.watch(hold(home.path()), IN_CREATE);
            meanwhile = where_this_thread_stands();
            std::thread{[&] { // one that sets watches while this one is in there
                WatchSetter{inotify.fd()}.watch(hold(home.path(".ssh")), IN_CREATE);
                elsewhere = where_this_thread_stands();
            }}
                .join();
        }
        afterwards = where_this_thread_stands();
    }}.join();
    CHECK(meanwhile == home.path());
    CHECK(elsewhere == before);
    CHECK(afterwards == before);
    CHECK(where_this_thread_stands() == before);
    CHECK(hears_of_a_change(inotify, home));
}
