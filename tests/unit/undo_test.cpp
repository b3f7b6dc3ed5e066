// Undo: what the record says of a repair, and what became of taking it back, as text and back.
#include "catch.hpp"
#include "event/event_json.hpp"
#include "event/undo.hpp"
#include "reconcile/request.hpp"

#include <string>

using namespace sshpermd;

namespace {

const Account alice{"alice", 1001, 1001, "/home/alice"};

const Accounts& machine() {
    static const Accounts accounts{{{"root", 0, 0, "/root"}, alice},
                                   {{"root", 0, {}}, {"alice", 1001, {}}}};
    return accounts;
}

std::string line_of(const Event& event) {
    Stamp stamp;
    stamp.id = "9d1c6d06-4d7e-4d4d-8f43-7b8f7b8e6f0e";
    stamp.machine = "c8d1bd0a5e1b4d1c9c0f3b6a2a2f9d31";
    return to_line(event, stamp);
}

Report repair() {
    Report report;
    report.target = Target::ssh_dir;
    report.account = &alice;
    report.path = "/home/alice/.ssh";
    report.expected = {Mode{0700}, 1001, 1001};
    auto& was = report.observed.emplace();
    was.type = FileType::dir;
    was.mode = Mode{02777};
    was.owner = 4711;
    was.group = 1001;
    report.after = was;
    report.after->mode = Mode{0700};
    report.after->owner = 1001;
    report.finding = Drift{was, report.expected, {DriftReason::too_open}};
    report.action = Action::repaired;
    report.exposed = true;
    report.handle = std::string{"\x01\x00\xFE", 3};
    return report;
}

TEST_CASE("a repair's line says again what was repaired, and which object it was", "[undo]") {
    const auto past = parse_past_repair(line_of(*event_of(repair(), Trigger::inotify, machine())));

    REQUIRE(past);
    CHECK(past->id == "9d1c6d06-4d7e-4d4d-8f43-7b8f7b8e6f0e");
    CHECK(past->user->name == "alice");
    CHECK(past->target == Target::ssh_dir);
    CHECK(past->handle == "0100fe");
    CHECK(past->machine == "c8d1bd0a5e1b4d1c9c0f3b6a2a2f9d31");
    CHECK(past->before.mode == Mode{02777});
    CHECK(past->before.owner.id == 4711);
    CHECK_FALSE(past->before.owner.name);
    CHECK(past->after.owner.name == "alice");
    CHECK(past->exposed);
}

TEST_CASE("no other event is a past repair, nor what only looks like one", "[undo]") {
    auto failed = repair();
    failed.action = Action::failed;
    failed.failure = Failure{1, "set the mode"};
    CHECK_FALSE(parse_past_repair(line_of(*event_of(failed, Trigger::inotify, machine()))));
    for (const std::string line :
         {"", "{}", R"({"event":"permission.repaired"})",
          R"({"event":"permission.repaired","id":1})", R"(["event":"permission.repaired"])",
          R"({"event":"user.added","message":"\"event\":\"permission.repaired\""})"})
        CHECK_FALSE(parse_past_repair(line));
}

TEST_CASE("an undone repair is known by its id", "[undo]") {
    Undo undo;
    undo.event = "1d1c6d06-4d7e-4d4d-8f43-7b8f7b8e6f0e";
    undo.target = Target::ssh_dir;
    undo.path = "/home/alice/.ssh";
    undo.before = attributes_of(Expected{Mode{0700}, 1001, 1001}, machine());
    undo.after = attributes_of(Expected{Mode{0755}, 1001, 1001}, machine());

    const auto line = line_of(event_of(undo, repair(), Trigger::command));

    CHECK(undone_by(line) == undo.event);
    CHECK_FALSE(undone_by(line_of(*event_of(repair(), Trigger::command, machine()))));
    CHECK_FALSE(parse_past_repair(line));
}

TEST_CASE("what became of an undo reads back as it was", "[undo]") {
    Undo undo;
    undo.result = UndoResult::refused;
    undo.reason = "changed_since";
    undo.why = "it is not";
    undo.before = attributes_of(Expected{Mode{0700}, 1001, 1001}, machine());
    undo.configured = R"({"users":["alice"]})";
    undo.error = EventError{"EIO", "cannot"};

    const auto again = parse_undo(to_json(undo));

    REQUIRE(again);
    CHECK(to_json(*again) == to_json(undo));
    CHECK_FALSE(parse_undo("{}"));
    CHECK_FALSE(parse_undo(R"({"schema":"sshpermd.undo/1"})"));
}

TEST_CASE("an undo request reads back as it was", "[undo]") {
    const UndoRequest request{"id",
                              "alice",
                              Target::home,
                              "/home/alice",
                              "00fe",
                              {Mode{04755}, 4711, 0},
                              {Mode{0700}, 1001, 1001}};
    CHECK(parse_undo_request(to_json(request)) == request);
    const UndoRequest of_root{
        "id", "", Target::home_root, "/home", "00", {Mode{0711}, 0, 0}, {Mode{0755}, 0, 0}};
    CHECK(parse_undo_request(to_json(of_root)) == of_root);
}

TEST_CASE("an undo request that leaves something open is refused", "[undo]") {
    const UndoRequest good{"id",
                           "alice",
                           Target::home,
                           "/home/alice",
                           "00",
                           {Mode{0755}, 1001, 1001},
                           {Mode{0700}, 1001, 1001}};
    const auto text = to_json(good);
    const auto with = [&](const std::string& what, const std::string& instead) {
        auto changed = text;
        changed.replace(changed.find(what), what.size(), instead);
        return changed;
    };
    CHECK_THROWS_AS(parse_undo_request(""), RequestError);
    CHECK_THROWS_AS(parse_undo_request(with("\"alice\"", "null")), RequestError);
    CHECK_THROWS_AS(parse_undo_request(with("\"home\"", "\"house\"")), RequestError);
    CHECK_THROWS_AS(parse_undo_request(with("0755", "9755")), RequestError);
    CHECK_THROWS_AS(parse_undo_request(with("1001", "4294967295")), RequestError);
    CHECK_THROWS_AS(parse_undo_request(with("1001", "-1")), RequestError);
    CHECK_THROWS_AS(parse_undo_request(with("\"event\"", "\"evnt\"")), RequestError);
    CHECK_THROWS_AS(parse_undo_request(with("\"home\"", "\"home_root\"")), RequestError);
}

} // namespace
