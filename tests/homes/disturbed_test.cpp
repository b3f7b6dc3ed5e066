// Root changes something while a repair holds it: that is looked at again, and on record. The
// kernel stops the repair where it opens the key file to read it (fanotify(7), FAN_OPEN_PERM).

#include "catch.hpp"
#include "io/unique_fd.hpp"
#include "temp_home.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/fanotify.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <functional>
#include <iostream>
#include <thread>
#include <utility>

using namespace sshpermd;

namespace {

constexpr const char* key = ".ssh/authorized_keys";

/// While it lives, whoever opens the file waits until `act` has come back, the first time; `act`
/// opens it not.
class OnOpen {
  public:
    OnOpen(const std::string& path, std::function<void()> act)
        : group_(fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, O_RDONLY | O_CLOEXEC)),
          act_(std::move(act)) {
        works_ = group_ && fanotify_mark(group_.get(), FAN_MARK_ADD, FAN_OPEN_PERM, AT_FDCWD,
                                         path.c_str()) == 0;
        if (works_)
            answering_ = std::thread{[this] { answer(); }};
        else
            std::cout << "SKIPPED: nobody can be stopped while opening a file (fanotify: "
                      << std::strerror(errno) << ")\n";
    }
    OnOpen(const OnOpen&) = delete;
    OnOpen& operator=(const OnOpen&) = delete;
    ~OnOpen() {
        is_over_ = true;
        if (answering_.joinable())
            answering_.join();
    }

    bool works() const { return works_; }
    bool has_acted() const { return has_acted_; }

  private:
    void answer() {
        while (!is_over_) {
            pollfd ready{group_.get(), POLLIN, 0};
            fanotify_event_metadata event{};
            if (poll(&ready, 1, 10) <= 0 || read(group_.get(), &event, sizeof event) <= 0)
                continue;
            if (!has_acted_.exchange(true))
                act_();
            const UniqueFd opened{event.fd};
            const fanotify_response response{opened.get(), FAN_ALLOW};
            if (write(group_.get(), &response, sizeof response) < 0)
                std::cout << "fanotify: " << std::strerror(errno) << '\n';
        }
    }

    UniqueFd group_;
    std::function<void()> act_;
    bool works_ = false;
    std::atomic<bool> is_over_{false};
    std::atomic<bool> has_acted_{false};
    std::thread answering_;
};

const Report* repaired(const TempHome::Rounds& rounds, Target target) {
    for (const auto& report : rounds.reports)
        if (report.target == target && report.action == Action::repaired)
            return &report;
    return nullptr;
}

/// A round over a home that was opened to others, disturbed while it has read the key file.
TempHome::Rounds disturbed(TempHome& home, const std::function<void()>& act) {
    home.round(); // knows the key from now on
    home.chmod("", 0777);
    const OnOpen stopped{home.path(key), act};
    if (!stopped.works()) {
        act();
        return home.round();
    }
    auto rounds = home.round();
    CHECK(stopped.has_acted());
    return rounds;
}

} // namespace

TEST_CASE("a key file that root opens while it is judged is on record, and right", "[disturbed]") {
    TempHome home;
    home.kernel = kernel_variant();
    const auto rounds = disturbed(home, [&] { home.chmod(key, 0777); });
    const auto* const report = repaired(rounds, Target::authorized_keys);
    REQUIRE(report);
    CHECK(report->observed->mode == Mode{0777});
    CHECK(report->content);
    CHECK(repaired(rounds, Target::home));
    CHECK(home.is_right());
}

TEST_CASE("a .ssh that root opens while it is held is on record, and right", "[disturbed]") {
    TempHome home;
    home.kernel = kernel_variant();
    const auto rounds = disturbed(home, [&] { home.chmod(".ssh", 0777); });
    const auto* const report = repaired(rounds, Target::ssh_dir);
    REQUIRE(report);
    CHECK(report->observed->mode == Mode{0777});
    CHECK(report->observed->owner == TempHome::uid); // not as it was while it was held
    CHECK(home.is_right());
}

TEST_CASE("a .ssh that root gives away while it is held is on record, and right", "[disturbed]") {
    TempHome home;
    const auto rounds = disturbed(home, [&] { home.chown(".ssh", 0, TempHome::second_gid); });
    const auto* const report = repaired(rounds, Target::ssh_dir);
    REQUIRE(report);
    CHECK(report->observed->group == TempHome::second_gid);
    CHECK(home.is_right());
}

TEST_CASE("a home that root opens again while it is shut is judged again", "[disturbed]") {
    TempHome home;
    const auto rounds = disturbed(home, [&] { home.chmod("", 0775); });
    const auto* const report = repaired(rounds, Target::home);
    REQUIRE(report);
    CHECK(report->observed->mode == Mode{0777}); // as it was at first
    CHECK(home.is_right());
}

TEST_CASE("what was made right before root disturbed it stays on record", "[disturbed]") {
    TempHome home;
    home.round();
    home.chmod("", 0777);
    home.chmod(key, 0666);
    const OnOpen stopped{home.path(key), [&] { home.chmod(".ssh", 0755); }};
    if (!stopped.works())
        return;
    const auto rounds = home.round();
    REQUIRE(repaired(rounds, Target::authorized_keys));
    CHECK(repaired(rounds, Target::authorized_keys)->observed->mode == Mode{0666});
    CHECK(repaired(rounds, Target::ssh_dir));
    CHECK(home.is_right());
}
