// Faults: how a daemon among them must go on, and mounts that come and go.
#include "faults.hpp"

#include "catch.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <sys/mount.h>
#include <thread>
#include <utility>

namespace system_tests {

void check_is_calm(Daemon& daemon) {
    CHECK(eventually([&] { // what was done is written by others, a little later
        const auto written = daemon.events().size();
        std::this_thread::sleep_for(std::chrono::milliseconds{300});
        return daemon.events().size() == written;
    }));
    const auto looks = daemon.events("scan.completed").size();
    // A storm is told when it is over: a second later.
    const auto said_else = [&] {
        return daemon.events().size() - daemon.events("scan.completed").size() -
               daemon.events("storm.summarised").size();
    };
    const auto said = said_else();
    const auto busy = processor_ticks(daemon.process().pid());

    std::this_thread::sleep_for(std::chrono::seconds{1});

    INFO(daemon.tail());
    REQUIRE(daemon.process().running());
    CHECK(processor_ticks(daemon.process().pid()) - busy < 20);
    CHECK(said_else() == said);
    // What was mounted a moment ago is still to be looked for.
    CHECK(daemon.events("scan.completed").size() <= looks + 1);
}

void check_stops(Daemon& daemon) {
    daemon.process().signal(SIGTERM);
    const auto status = daemon.process().wait();
    INFO(daemon.tail());
    REQUIRE(status.has_value());
    CHECK(*status == 0);
}

std::vector<Json> events_about(Daemon& daemon, std::string_view kind, const Account& account,
                               std::string_view target) {
    auto events = daemon.events(kind, account.name);
    std::erase_if(events, [&](const Json& event) { return text_at(event, "/target") != target; });
    return events;
}

void check_refused(Daemon& daemon, const Account& account, std::string_view target,
                   std::string_view reason) {
    const auto refused = [&] { return events_about(daemon, "repair.refused", account, target); };
    const bool said = eventually([&] { return !refused().empty(); });
    INFO(account.name << "'s " << target << "\n" << daemon.story(account.name) << daemon.tail());
    REQUIRE(said);
    CHECK(refused().size() == 1);
    CHECK(text_at(refused()[0], "/reasons/0") == reason);
}

Mounted::Mounted(const Arguments& arguments, std::filesystem::path at) : at_{std::move(at)} {
    Arguments words{"mount"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    words.push_back(at_);
    must_run(words);
}

Mounted::~Mounted() { end_lazily(); }

int Mounted::end() {
    if (::umount2(at_.c_str(), 0) != 0)
        return errno;
    there_ = false;
    return 0;
}

void Mounted::end_lazily() {
    if (std::exchange(there_, false))
        ::umount2(at_.c_str(), MNT_DETACH);
}

Arguments memory_for(const Account& account, const std::string& more) {
    const auto uid = std::to_string(account.uid);
    return {"-t", "tmpfs", "-o", "mode=0777,uid=" + uid + ",gid=" + uid + more, "tmpfs"};
}

} // namespace system_tests
