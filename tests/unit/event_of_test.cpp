// What a report of a round becomes: an event, or nothing that anybody needs to hear of.
#include "catch.hpp"

#include "event/event.hpp"
#include "event/event_json.hpp"

#include <nlohmann/json.hpp>

#include <cerrno>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace sshpermd;
using namespace std::chrono_literals;
using Json = nlohmann::json;

namespace {

const Account alice{"alice", 1001, 1001, "/home/alice"};

const Accounts& machine() {
    static const Accounts accounts{{{"root", 0, 0, "/root"}, alice},
                                   {{"root", 0, {}}, {"alice", 1001, {}}}};
    return accounts;
}

Report report_with(Finding finding, Action action = Action::none) {
    Report report;
    report.target = Target::ssh_dir;
    report.path = "/home/alice/.ssh";
    report.account = &alice;
    report.expected = {Mode{0700}, 1001, 1001};
    report.finding = std::move(finding);
    Observed observed;
    observed.type = FileType::dir;
    observed.mode = Mode{0777};
    observed.owner = 1001;
    observed.group = 4711;
    observed.inode = 12;
    observed.links = 2;
    report.observed = observed;
    report.blocks_login = true;
    report.exposed = true;
    report.action = action;
    return report;
}

Finding a_drift() {
    Drift drift;
    drift.reasons = {DriftReason::too_open, DriftReason::wrong_group};
    return drift;
}

Report repaired_report() {
    auto report = report_with(a_drift(), Action::repaired);
    report.after = report.observed;
    report.after->mode = Mode{0700};
    report.after->group = 1001;
    report.duration = 11us;
    report.wrong_for = 3534us;
    return report;
}

std::optional<Event> event_from(const Report& report) {
    return event_of(report, Trigger::inotify, machine());
}

} // namespace

TEST_CASE("a compliant, missing or deferred target is no event", "[event]") {
    CHECK(!event_from(report_with(Compliant{})).has_value());
    CHECK(!event_from(report_with(Missing{})).has_value());
    CHECK(!event_from(report_with(a_drift(), Action::deferred)).has_value());
}

TEST_CASE("a repair is told with what was, what was wanted and what is", "[event]") {
    const auto event = event_from(repaired_report());

    REQUIRE(event.has_value());
    CHECK(event->type == EventType::permission_repaired);
    CHECK(event->severity == Severity::notice);
    CHECK(event->outcome == Outcome::repaired);
    CHECK(event->message == "repaired ssh_dir: 0777 alice:4711 is now 0700 alice:alice");
    CHECK(event->trigger == Trigger::inotify);
    CHECK(event->target == Target::ssh_dir);
    CHECK(event->blocks_login == true);
    CHECK(event->exposed == true);
    CHECK(event->duration == 11us);
    CHECK(event->wrong_for == 3534us);
    CHECK(!event->error.has_value());
    CHECK(event->reasons == std::vector<std::string_view>{"too_open", "wrong_group"});

    const auto json = Json::parse(to_line(*event, {}));
    CHECK(json["user"] == Json{{"name", "alice"}, {"id", 1001}});
    CHECK(json["file"] ==
          Json{{"path", "/home/alice/.ssh"}, {"type", "dir"}, {"inode", 12}, {"nlink", 2}});
    CHECK(json["before"]["mode"] == "0777");
    CHECK(json["before"]["owner"] == Json{{"id", 1001}, {"name", "alice"}});
    CHECK(json["before"]["group"] == Json{{"id", 4711}});
    CHECK(json["expected"]["mode"] == "0700");
    CHECK(json["after"]["group"] == Json{{"id", 1001}, {"name", "alice"}});
    CHECK(json["changes"] == Json{"mode", "group"});
}

TEST_CASE("a home root is nobody's: its event has no user", "[event]") {
    auto report = repaired_report();
    report.target = Target::home_root;
    report.account = nullptr;

    const auto event = event_from(report);

    REQUIRE(event.has_value());
    CHECK(!event->user.has_value());
    CHECK(event->target == Target::home_root);
}

TEST_CASE("a repair that failed is told with what the machine said", "[event]") {
    auto report = report_with(a_drift(), Action::failed);
    report.failure = Failure{EROFS, "set the mode"};

    const auto event = event_from(report);

    REQUIRE(event.has_value());
    CHECK(event->type == EventType::repair_failed);
    CHECK(event->severity == Severity::err);
    CHECK(event->outcome == Outcome::failed);
    CHECK(event->message == "cannot set the mode: Read-only file system");
    REQUIRE(event->error.has_value());
    CHECK(event->error->code == "EROFS");
    CHECK(event->error->message == "Read-only file system");
    CHECK(event->reasons == std::vector<std::string_view>{"too_open", "wrong_group"});
    CHECK(!event->after.has_value());
}

TEST_CASE("a look that failed is told, although nothing was seen", "[event]") {
    auto report = report_with(Missing{});
    report.observed.reset();
    report.blocks_login.reset();
    report.failure = Failure{EIO, "open .ssh"};

    const auto event = event_from(report);

    REQUIRE(event.has_value());
    CHECK(event->type == EventType::repair_failed);
    CHECK(event->message == "cannot open .ssh: Input/output error");
    CHECK(!event->before.has_value());
    CHECK(!event->blocks_login.has_value());
    CHECK(event->reasons.empty());
    CHECK(event->file->path == "/home/alice/.ssh");
}

TEST_CASE("an error number that the C library does not know is told as a number", "[event]") {
    const int kernel_internal = GENERATE(512, 521, 524, 4095); // 524: ENOTSUPP, from file systems
    auto report = report_with(a_drift(), Action::failed);
    report.failure = Failure{kernel_internal, "set the mode"};

    const auto event = event_from(report);

    REQUIRE(event.has_value());
    REQUIRE(event->error.has_value());
    CHECK(event->error->code == "unknown");
    CHECK(event->message.find(std::to_string(kernel_internal)) != std::string::npos);
}

TEST_CASE("every refusal is told with its reason, and why in words", "[event]") {
    const auto reason =
        GENERATE(RefusalReason::symlink, RefusalReason::wrong_type, RefusalReason::foreign_owner,
                 RefusalReason::root_owned_home, RefusalReason::other_file_system,
                 RefusalReason::unsafe_root, RefusalReason::ambiguous_account,
                 RefusalReason::immutable, RefusalReason::read_only);

    const auto event = event_from(report_with(Refusal{reason}));

    REQUIRE(event.has_value());
    CHECK(event->type == EventType::repair_refused);
    CHECK(event->severity == Severity::warning);
    CHECK(event->outcome == Outcome::refused);
    CHECK(event->reasons == std::vector<std::string_view>{word(reason)});
    CHECK(event->message == "ssh_dir is left alone: " + std::string{why(reason)});
    CHECK(!event->after.has_value());
    CHECK(!event->error.has_value());
}

TEST_CASE("a drift that must not be touched is told as it is", "[event]") {
    const auto action = GENERATE(Action::none, Action::would_repair);

    const auto event = event_from(report_with(a_drift(), action));

    REQUIRE(event.has_value());
    CHECK(event->type == EventType::drift_detected);
    CHECK(event->severity == Severity::warning);
    CHECK(event->outcome == Outcome::reported);
    CHECK(event->message == "ssh_dir is 0777 alice:4711, the policy wants 0700 alice:alice");
    CHECK(event->reasons == std::vector<std::string_view>{"too_open", "wrong_group"});
    CHECK(!event->duration.has_value());
}

TEST_CASE("the trigger of a round is that of its events", "[event]") {
    const auto trigger = GENERATE(Trigger::startup, Trigger::rescan, Trigger::command);

    CHECK(event_of(repaired_report(), trigger, machine())->trigger == trigger);
}

TEST_CASE("a report is settled when nobody needs to hear of it any more", "[event]") {
    auto denied = report_with(Compliant{});
    denied.failure = Failure{EIO, "look"};

    CHECK(is_settled(report_with(Compliant{})));
    CHECK(is_settled(report_with(Missing{})));
    CHECK(is_settled(repaired_report()));
    CHECK_FALSE(is_settled(report_with(a_drift())));
    CHECK_FALSE(is_settled(report_with(a_drift(), Action::would_repair)));
    CHECK_FALSE(is_settled(report_with(a_drift(), Action::deferred)));
    CHECK_FALSE(is_settled(report_with(Refusal{RefusalReason::immutable})));
    CHECK_FALSE(is_settled(denied));
}

TEST_CASE("actions are called by the words of the contract", "[event]") {
    CHECK(word(Action::none) == "none");
    CHECK(word(Action::would_repair) == "would_repair");
    CHECK(word(Action::deferred) == "deferred");
    CHECK(word(Action::repaired) == "repaired");
    CHECK(word(Action::failed) == "failed");
}

TEST_CASE("what is withheld is critical, and says how to release it", "[event_of]") {
    auto report = report_with(Compliant{}, Action::withheld);
    report.target = Target::authorized_keys;
    report.content = ContentFacts{"SHA256:" + std::string(43, 'x'), {"SHA256:abc"}, 2};

    const auto event = event_of(report, Trigger::inotify, machine());

    REQUIRE(event.has_value());
    CHECK(event->type == EventType::repair_withheld);
    CHECK(event->severity == Severity::crit);
    CHECK(event->outcome == Outcome::withheld);
    CHECK(event->message.find("sshpermctl repair --trust-content=SHA256:" + std::string(43, 'x') +
                              " alice") != std::string::npos);
    const auto json = Json::parse(to_line(*event, {}));
    CHECK(json["content"]["fingerprints"] == Json{"SHA256:abc"});
    CHECK(json["content"]["more"] == 2);
}

TEST_CASE("what is managed is no cause for alarm", "[event_of]") {
    auto report = report_with(Refusal{RefusalReason::root_owned_home});
    report.managed = true;

    const auto event = event_of(report, Trigger::startup, machine());

    REQUIRE(event.has_value());
    CHECK(event->severity == Severity::info);
    CHECK(event->message.find("its account can log in") != std::string::npos);
}
