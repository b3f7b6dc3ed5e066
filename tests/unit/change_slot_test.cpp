// A change as bytes: what was noted of it is what a later repairer tells.
#include "catch.hpp"

#include "event/event.hpp"
#include "event/event_json.hpp"
#include "record/change_slot.hpp"

#include <nlohmann/json.hpp>

#include <string>

using namespace sshpermd;

namespace {

constexpr auto begun = static_cast<std::uint32_t>(SlotState::begun);
constexpr auto done = static_cast<std::uint32_t>(SlotState::done);
constexpr std::int64_t nine_o_clock = 1'795'251'600'000'000;

const Account alice{"alice", 1001, 1001, "/home/alice"};

Report a_report() {
    Report report;
    report.target = Target::ssh_dir;
    report.path = "/home/alice/.ssh";
    report.account = &alice;
    report.expected = {Mode{0700}, 1001, 1001};
    Observed observed;
    observed.type = FileType::dir;
    observed.mode = Mode{0777};
    observed.owner = 1001;
    observed.group = 1001;
    observed.inode = 12;
    observed.links = 2;
    report.observed = observed;
    return report;
}

ChangeSlot a_slot() {
    ChangeSlot slot;
    note_begin(slot, a_report(), nine_o_clock);
    return slot;
}

Observed right() {
    auto after = *a_report().observed;
    after.mode = Mode{0700};
    return after;
}

} // namespace

TEST_CASE("a change that was cut off is told with what was and what was to become", "[record]") {
    const auto change = read_slot(begun, a_slot());

    REQUIRE(change.has_value());
    CHECK(change->user == "alice");
    CHECK(change->target == Target::ssh_dir);
    CHECK(change->path == "/home/alice/.ssh");
    CHECK(change->before == *a_report().observed);
    CHECK(change->expected == a_report().expected);
    CHECK(!change->after.has_value());
    CHECK(change->time_us == nine_o_clock);
}

TEST_CASE("a change that was made is told with what it made", "[record]") {
    auto slot = a_slot();
    note_done(slot, right());

    CHECK(read_slot(done, slot)->after == right());
    CHECK(!read_slot(begun, slot)->after.has_value());
}

TEST_CASE("a slot that is free, being filled or in no state tells nothing", "[record]") {
    for (const std::uint32_t state : {0U, 1U, 4U, 0xffffffffU})
        CHECK(!read_slot(state, a_slot()).has_value());
}

TEST_CASE("names too long for a slot are cut", "[record]") {
    const Account other{std::string(300, 'u'), 1, 1, "/home/u"};
    auto report = a_report();
    report.account = &other;
    report.path = "/" + std::string(5000, 'p');
    ChangeSlot slot;

    note_begin(slot, report, nine_o_clock);

    CHECK(read_slot(begun, slot)->user == std::string(64, 'u'));
    CHECK(read_slot(begun, slot)->path == report.path.substr(0, 255));
}

TEST_CASE("a slot with senseless bytes tells nothing", "[record]") {
    const auto is_read = [](auto spoil) {
        auto slot = a_slot();
        spoil(slot);
        return read_slot(begun, slot).has_value();
    };

    CHECK(is_read([](ChangeSlot&) {}));
    CHECK_FALSE(is_read([](ChangeSlot& slot) { slot.target = 6; }));
    CHECK_FALSE(is_read([](ChangeSlot& slot) { slot.user_size = 65; }));
    CHECK_FALSE(is_read([](ChangeSlot& slot) { slot.path_size = 0; }));
    CHECK_FALSE(is_read([](ChangeSlot& slot) { slot.path[0] = 'x'; }));
    CHECK_FALSE(is_read([](ChangeSlot& slot) { slot.before.mode = 010000; }));
    CHECK_FALSE(is_read([](ChangeSlot& slot) { slot.before.type = 7; }));
    CHECK_FALSE(is_read([](ChangeSlot& slot) { slot.expected_mode = 010000; }));
    CHECK_FALSE(is_read([](ChangeSlot& slot) { slot.time_us = -1; }));
    CHECK_FALSE(is_read([](ChangeSlot& slot) { slot.time_us = INT64_MAX; }));
    CHECK_FALSE(is_read([](ChangeSlot& slot) { slot.time_us = INT64_MAX / 1000 + 1; }));
}

TEST_CASE("an interrupted repair says what was, in words and fields", "[record]") {
    const Accounts machine{{{"root", 0, 0, "/root"}, alice}, {{"alice", 1001, {}}}};
    auto slot = a_slot();

    const auto cut_off = event_of(*read_slot(begun, slot), Trigger::startup, machine);
    note_done(slot, right());
    const auto unrecorded = event_of(*read_slot(done, slot), Trigger::startup, machine);

    CHECK(cut_off.type == EventType::repair_interrupted);
    CHECK(cut_off.severity == Severity::warning);
    CHECK(cut_off.message == "a repair was cut off: ssh_dir was 0777 alice:alice, was to become "
                             "0700 alice:alice");
    CHECK(unrecorded.message == "a repair was cut off: ssh_dir was 0777 alice:alice, was changed "
                                "to 0700 alice:alice");
    const auto json = nlohmann::json::parse(to_line(unrecorded, {}));
    CHECK(json["before"]["mode"] == "0777");
    CHECK(json["expected"]["mode"] == "0700");
    CHECK(json["after"]["mode"] == "0700");
    CHECK(json["lost_since"] == "2026-11-21T09:00:00.000000Z");
    CHECK(!json.contains("slot"));
}

TEST_CASE("an event keeps the slot of its report", "[record]") {
    auto report = a_report();
    report.finding = Drift{*report.observed, report.expected, {DriftReason::too_open}};
    report.slot = 7;

    CHECK(event_of(report, Trigger::inotify, Accounts{})->slot == 7U);
}
