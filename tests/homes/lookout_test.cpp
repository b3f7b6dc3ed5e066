// The lookout: its threads set watches before they look, tell what they saw once, and end when they
// are told to.
#include "catch.hpp"

#include "keeper/lookout.hpp"
#include "system/inotify.hpp"
#include "temp_home.hpp"
#include "watch/inotify_buffer.hpp"

#include <fcntl.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <semaphore>
#include <string>
#include <utility>
#include <vector>

using namespace sshpermd;

namespace {

const std::vector<std::string> key_files{"authorized_keys"};

Lookout::Sight of_alice() {
    Lookout::Sight sight;
    sight.id = 7;
    sight.name = "alice";
    return sight;
}

Plain plain() {
    const Expected dir{Mode{0700}, TempHome::uid, TempHome::gid};
    return {dir, dir, {Mode{0600}, TempHome::uid, TempHome::gid}};
}

/// Asks about alice and waits for the answer.
class Asked {
  public:
    explicit Asked(const TempHome& home, UniqueFd inotify = {})
        : home_(home),
          lookout_(
              key_files, 4711, [this] { woken_.release(); }, std::move(inotify)) {}

    std::vector<Lookout::Sight> about(Lookout::Sight sight) {
        lookout_.ask({home_.root(), {std::move(sight)}});
        REQUIRE(woken_.try_acquire_for(std::chrono::seconds{20}));
        auto batch = lookout_.take();
        REQUIRE(batch);
        CHECK(lookout_.under_way() == 0);
        return std::move(batch->sights);
    }

  private:
    const TempHome& home_;
    std::counting_semaphore<> woken_{0}; // outlives the threads that wake
    Lookout lookout_;
};

} // namespace

TEST_CASE("a lookout gives back who is not as he was, and nobody else", "[lookout]") {
    const TempHome home;
    Asked asked{home};

    const auto first = asked.about(of_alice());
    REQUIRE(first.size() == 1);
    CHECK(first[0].id == 7);
    REQUIRE(first[0].now);

    auto again = of_alice();
    again.known = first[0].now->now;
    CHECK(asked.about(again).empty());

    home.chmod(".ssh/authorized_keys", 0644);
    const auto changed = asked.about(again);
    REQUIRE(changed.size() == 1);
    REQUIRE(changed[0].now);
    CHECK(changed[0].now->now != *again.known);
}

TEST_CASE("what a lookout saw right is watched since before it looked", "[lookout]") {
    const TempHome home;
    Inotify inotify;
    Asked asked{home, UniqueFd{fcntl(inotify.fd(), F_DUPFD_CLOEXEC, 0)}};
    auto sight = of_alice();
    sight.plain = plain();

    const auto seen = asked.about(sight);

    REQUIRE(seen.size() == 1);
    REQUIRE(seen[0].now);
    CHECK(seen[0].now->is_plainly_right);
    CHECK(seen[0].home_wd >= 0);
    CHECK(seen[0].ssh_wd >= 0);
    home.chmod(".ssh/authorized_keys", 0644);
    home.write(".ssh/authorized_keys2", "");
    InotifyBuffer events{inotify.read()};
    Change change;
    REQUIRE(events.next(change));
    CHECK(change.wd == seen[0].ssh_wd);
    CHECK(change.name == "authorized_keys");
}

TEST_CASE("a lookout gives back whom it could not see, with nothing seen", "[lookout]") {
    const TempHome home;
    Asked asked{home};
    auto sight = of_alice();
    sight.name = "bob";
    sight.known = 1;

    const auto seen = asked.about(sight);

    REQUIRE(seen.size() == 1);
    CHECK_FALSE(seen[0].now);
}

TEST_CASE("a lookout that is not wanted any more ends with much still to do", "[lookout]") {
    const TempHome home;
    std::atomic<int> woken{0};
    {
        Lookout lookout{key_files, 4711, [&] { ++woken; }};
        while (lookout.wants_more())
            lookout.ask({home.root(), std::vector(2000, of_alice())});
    }

    CHECK(woken >= 0); // and nobody waits for ever
}
