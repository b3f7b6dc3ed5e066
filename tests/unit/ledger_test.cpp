// Ledger: nothing is said twice, nobody is abandoned.
#include "catch.hpp"

#include "keeper/ledger.hpp"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

using namespace sshpermd;
using namespace std::chrono_literals;

namespace {

const Ledger::Clock::time_point start = Ledger::Clock::time_point{} + 1000h;
const Config::Flap flap{};
constexpr unsigned budget = 20;

Report report_on(const std::string& path, Finding finding) {
    Report report;
    report.target = Target::ssh_dir;
    report.path = path;
    report.finding = std::move(finding);
    Observed observed;
    observed.type = FileType::dir;
    observed.mode = Mode{0777};
    observed.inode = 4711;
    report.observed = observed;
    return report;
}

Report compliant(const std::string& path) { return report_on(path, Compliant{}); }

Report refused(const std::string& path, RefusalReason reason = RefusalReason::foreign_owner) {
    return report_on(path, Refusal{reason});
}

Report repaired(const std::string& path) {
    auto report = report_on(path, Drift{});
    report.action = Action::repaired;
    return report;
}

Report failed(const std::string& path, int number) {
    auto report = report_on(path, Drift{});
    report.action = Action::failed;
    report.failure = Failure{number, "set the mode"};
    return report;
}

Report observed_drift(const std::string& path) {
    auto report = report_on(path, Drift{});
    report.action = Action::would_repair;
    return report;
}

/// A ledger with one target that flaps since `start`.
Ledger with_flapping(const std::string& path) {
    Ledger ledger;
    for (unsigned i = 0; i <= flap.burst; ++i)
        ledger.repaired(repaired(path), start, flap);
    return ledger;
}

} // namespace

TEST_CASE("a refusal, a failure and an observed drift are news once", "[ledger]") {
    Ledger ledger;
    const auto report = GENERATE(refused("a"), failed("a", 5), observed_drift("a"));

    CHECK(ledger.is_news(report, start));
    CHECK_FALSE(ledger.is_news(report, start + 1ms));
    CHECK_FALSE(ledger.is_news(report, start + 24h));
    CHECK(ledger.open_matters() == 1);
}

TEST_CASE("what is as it should be is never news", "[ledger]") {
    Ledger ledger;

    CHECK_FALSE(ledger.is_news(compliant("a"), start));
    CHECK_FALSE(ledger.is_news(report_on("a", Missing{}), start));
    CHECK(ledger.open_matters() == 0);
}

TEST_CASE("every repair is news, without a budget", "[ledger]") {
    Ledger ledger;

    for (int i = 0; i < 1000; ++i)
        REQUIRE(ledger.is_news(repaired("a"), start));

    CHECK(ledger.open_matters() == 0);
    CHECK(ledger.take_suppressed() == 0);
}

TEST_CASE("a matter that changed is news again", "[ledger]") {
    Ledger ledger;
    ledger.is_news(refused("a"), start);

    SECTION("another reason") {
        CHECK(ledger.is_news(refused("a", RefusalReason::immutable), start));
    }
    SECTION("another mode") {
        auto report = refused("a");
        report.observed->mode = Mode{0755};
        CHECK(ledger.is_news(report, start));
    }
    SECTION("another owner") {
        auto report = refused("a");
        report.observed->owner = 1002;
        CHECK(ledger.is_news(report, start));
    }
    SECTION("another group") {
        auto report = refused("a");
        report.observed->group = 1002;
        CHECK(ledger.is_news(report, start));
    }
    SECTION("another file in its place") {
        auto report = refused("a");
        report.observed->inode = 4712;
        CHECK(ledger.is_news(report, start));
    }
    SECTION("a failure instead of a refusal") {
        CHECK(ledger.is_news(failed("a", 5), start));
        CHECK(ledger.is_news(failed("a", 28), start));
        CHECK_FALSE(ledger.is_news(failed("a", 28), start));
    }
    SECTION("nothing to look at any more") {
        auto report = refused("a");
        report.observed.reset();
        CHECK(ledger.is_news(report, start));
    }
    CHECK(ledger.open_matters() == 1);
}

TEST_CASE("a matter that was settled is news when it comes back", "[ledger]") {
    const auto settled = GENERATE(compliant("a"), repaired("a"), report_on("a", Missing{}));
    Ledger ledger;
    ledger.is_news(refused("a"), start);

    ledger.is_news(settled, start + 1s);

    CHECK(ledger.open_matters() == 0);
    CHECK(ledger.is_news(refused("a"), start + 2s));
}

TEST_CASE("each target has news of its own", "[ledger]") {
    Ledger ledger;

    CHECK(ledger.is_news(refused("a"), start));
    CHECK(ledger.is_news(refused("b"), start));
    CHECK(ledger.open_matters() == 2);

    ledger.is_news(compliant("a"), start);

    CHECK(ledger.open_matters() == 1);
    CHECK_FALSE(ledger.is_news(refused("b"), start));
}

namespace {

/// The n-th state of a target that somebody changes all the time.
Report changing(std::uint64_t n) {
    auto report = refused("a");
    report.observed->inode = n;
    return report;
}

} // namespace

TEST_CASE("one account has news at most 20 times a minute, and the rest is counted", "[ledger]") {
    Ledger ledger;
    unsigned said = 0;

    for (unsigned i = 0; i < 100; ++i)
        said += ledger.is_news(changing(i), start + std::chrono::milliseconds{i}) ? 1U : 0U;

    CHECK(said == budget);
    CHECK(ledger.take_suppressed() == 80);
    CHECK(ledger.take_suppressed() == 0);
}

TEST_CASE("the budget is there again after a minute", "[ledger]") {
    Ledger ledger;
    for (unsigned i = 0; i < 100; ++i)
        ledger.is_news(changing(i), start);

    CHECK_FALSE(ledger.is_news(changing(100), start + 59s));
    CHECK(ledger.is_news(changing(101), start + 61s));
    CHECK(ledger.take_suppressed() == 81);
}

TEST_CASE("what was held back and is still so is said when the budget is there again", "[ledger]") {
    Ledger ledger;
    for (unsigned i = 0; i < 100; ++i)
        ledger.is_news(changing(i), start);

    CHECK(ledger.is_news(changing(99), start + 61s));
    CHECK_FALSE(ledger.is_news(changing(99), start + 62s));
}

TEST_CASE("a target never repaired is due at once", "[ledger]") {
    Ledger ledger;

    CHECK(ledger.due(observed_drift("a"), start) == start);
}

TEST_CASE("flapping is announced with the first repair beyond a burst", "[ledger]") {
    Ledger ledger;

    for (unsigned i = 0; i < flap.burst; ++i)
        REQUIRE_FALSE(ledger.repaired(repaired("a"), start, flap).started);
    CHECK(ledger.repaired(repaired("a"), start, flap).started);
    CHECK_FALSE(ledger.repaired(repaired("a"), start, flap).started);
}

TEST_CASE("a flapping target is delayed, and its neighbour is not", "[ledger]") {
    auto ledger = with_flapping("a");

    CHECK(ledger.due(observed_drift("a"), start) == start + 100ms);
    CHECK(ledger.due(observed_drift("b"), start) == start);
}

TEST_CASE("a drift is never abandoned: it is always due within max_delay", "[ledger]") {
    Ledger ledger;
    auto now = start;

    for (int i = 0; i < 2000; ++i) {
        now += 1ms;
        const auto due = ledger.due(observed_drift("a"), now);
        REQUIRE(due <= now + flap.max_delay);
        now = due;
        ledger.repaired(repaired("a"), now, flap);
        ledger.settle(now, flap);
    }
}

TEST_CASE("what had to wait is reported with the next repair, and only with that", "[ledger]") {
    auto ledger = with_flapping("a");
    ledger.due(observed_drift("a"), start + 1ms);
    ledger.due(observed_drift("a"), start + 2ms);

    const auto first = ledger.repaired(repaired("a"), start + 100ms, flap);
    ledger.due(observed_drift("a"), start + 101ms);
    const auto second = ledger.repaired(repaired("a"), start + 300ms, flap);

    CHECK(first.suppressed == 2);
    CHECK(second.suppressed == 1);
}

TEST_CASE("flapping ends after a quiet window, with the count of what had to wait", "[ledger]") {
    auto ledger = with_flapping("a");
    ledger.due(observed_drift("a"), start + 1ms);
    ledger.due(observed_drift("a"), start + 2ms);
    ledger.due(observed_drift("a"), start + 1s); // need not wait

    CHECK(ledger.settle(start + flap.window - 1ms, flap).empty());
    const auto ended = ledger.settle(start + flap.window, flap);

    REQUIRE(ended.size() == 1);
    CHECK(ended[0].path == "a");
    CHECK(ended[0].target == Target::ssh_dir);
    CHECK(ended[0].suppressed == 2);
    CHECK(ledger.settle(start + flap.window, flap).empty());
}

TEST_CASE("after flapping ended a whole burst is made at once again", "[ledger]") {
    auto ledger = with_flapping("a");
    const auto later = start + flap.window;
    ledger.settle(later, flap);

    CHECK(ledger.due(observed_drift("a"), later) == later);
    for (unsigned i = 0; i < flap.burst; ++i)
        REQUIRE_FALSE(ledger.repaired(repaired("a"), later, flap).started);
    CHECK(ledger.repaired(repaired("a"), later, flap).started);
}

TEST_CASE("a target that was not flapping is forgotten without a word", "[ledger]") {
    Ledger ledger;
    ledger.repaired(repaired("a"), start, flap);

    CHECK(ledger.settle(start + flap.window, flap).empty());
}

TEST_CASE("the ledger knows when flapping can end next", "[ledger]") {
    Ledger ledger;
    CHECK(!ledger.next_settling(flap).has_value());
    ledger.repaired(repaired("quiet"), start, flap);
    CHECK(!ledger.next_settling(flap).has_value());
    for (unsigned i = 0; i <= flap.burst; ++i)
        ledger.repaired(repaired("later"), start + 5s, flap);
    for (unsigned i = 0; i <= flap.burst; ++i)
        ledger.repaired(repaired("sooner"), start + 1s, flap);

    CHECK(ledger.next_settling(flap) == start + 1s + flap.window);
}

TEST_CASE("what is withheld is said once, whatever mode it had before", "[ledger]") {
    Ledger ledger;
    auto withheld = report_on("/home/alice/.ssh/authorized_keys", Drift{});
    withheld.action = Action::withheld;
    auto closed = withheld;
    closed.observed->mode = Mode{0};
    auto another = closed;
    another.observed->inode = 4712;

    CHECK(ledger.is_news(withheld, start));
    CHECK_FALSE(ledger.is_news(closed, start));
    CHECK(ledger.is_news(another, start));
    CHECK(ledger.open_matters() == 1);
}

TEST_CASE("private keys are paced as one, and what was said of absent ones is forgotten",
          "[ledger]") {
    Ledger ledger;
    const auto key = [](int number, Finding finding) {
        auto report = report_on("/home/a/.ssh/id_" + std::to_string(number), std::move(finding));
        report.target = Target::private_key;
        return report;
    };
    for (unsigned i = 0; i <= flap.burst; ++i)
        ledger.repaired(key(static_cast<int>(i), Drift{}), start, flap);
    CHECK(ledger.due(key(1000, Drift{}), start) > start);
    CHECK(ledger.due(repaired("/home/a/.ssh/authorized_keys"), start) == start);

    for (int i = 0; i < 5; ++i)
        CHECK(ledger.is_news(key(i, Refusal{RefusalReason::foreign_owner}), start));
    CHECK(ledger.is_news(refused("/home/a/.ssh"), start));
    ledger.forget_absent({key(3, Refusal{RefusalReason::foreign_owner})});
    CHECK(ledger.open_paths() == std::vector<std::string>{"/home/a/.ssh/id_3", "/home/a/.ssh"});
}
