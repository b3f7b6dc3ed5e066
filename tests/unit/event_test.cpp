// Events: their words, and the line an event becomes.
#include "catch.hpp"

#include "event/event.hpp"
#include "event/event_json.hpp"
#include "event/text.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <vector>

using namespace sshpermd;
using namespace std::chrono_literals;
using namespace std::string_literals;
using Json = nlohmann::json;

namespace {

constexpr auto last_type = EventType::log_dropped;

std::vector<EventType> all_types() {
    std::vector<EventType> types;
    for (int i = 0; i <= static_cast<int>(last_type); ++i)
        types.push_back(static_cast<EventType>(i));
    return types;
}

// 2026-11-21T09:00:00Z
const std::chrono::system_clock::time_point now{std::chrono::seconds{1'795'251'600}};

Stamp stamp() {
    Stamp result;
    result.id = "9d1c6d06-4d7e-4d4d-8f43-7b8f7b8e6f0e";
    result.seq = 7;
    result.time = now;
    result.boot_id = "441efda31db2411c8744a1462cf4260a";
    result.host = "web1";
    result.version = "0.1.0";
    result.pid = 27;
    return result;
}

Event about(std::string path) {
    Event event;
    event.type = EventType::watch_lost;
    event.file = FileRef{std::move(path), {}, {}, {}};
    return event;
}

Json line_of(const Event& event) { return Json::parse(to_line(event, stamp())); }

std::string repeated(std::string_view part, std::size_t size) {
    std::string text;
    while (text.size() + part.size() <= size)
        text += part;
    return text;
}

std::string decoded(const std::string& base64_text) {
    const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes;
    unsigned group = 0;
    unsigned bits = 0;
    for (const char c : base64_text) {
        if (c == '=')
            break;
        group = group << 6U | static_cast<unsigned>(digits.find(c));
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes += static_cast<char>(group >> bits & 0xffU);
        }
    }
    return bytes;
}

/// Names and paths as nobody would choose them, except to break something.
std::vector<std::string> hostile_texts(std::size_t size) {
    return {repeated("\xff", size),
            repeated("\n", size),
            repeated("\"\\", size),
            repeated("\x1b]0;", size),
            repeated("\xe2\x80\xae", size),
            repeated("\xf0\x9f\x98\x80", size),
            repeated("\x80", size),
            repeated(std::string(1, '\0'), size),
            repeated("a", size),
            repeated("\x7f/", size),
            repeated("\xc3", size),
            repeated("\xed\xa0\x80", size)};
}

/// An event that has everything, each text as long and as hostile as it may be.
Event heaviest(EventType type, const std::string& path, const std::string& name) {
    const Attributes attributes{Mode{07777}, {4'294'967'295, name}, {4'294'967'295, name}};
    Event event;
    event.type = type;
    event.severity = Severity::warning;
    event.outcome = Outcome::reported;
    event.message = path;
    event.trigger = Trigger::accounts;
    event.user = UserRef{name, 4'294'967'295};
    event.target = Target::authorized_keys;
    event.file = FileRef{path, FileType::symlink, std::numeric_limits<std::uint64_t>::max(),
                         std::numeric_limits<std::uint32_t>::max()};
    event.before = event.expected = event.after = attributes;
    event.reasons = {word(DriftReason::too_open), word(DriftReason::wrong_owner),
                     word(DriftReason::too_tight), word(DriftReason::wrong_group),
                     word(DriftReason::special_bits)};
    event.blocks_login = false;
    event.exposed = false;
    event.error = EventError{"ENAMETOOLONG", path};
    event.duration = std::chrono::microseconds::max();
    event.wrong_for = std::chrono::microseconds::max();
    event.suppressed = event.missed_by_events = event.count =
        std::numeric_limits<std::uint64_t>::max();
    event.kept_by =
        R"({"users":["alice"],"home":{"accept":[")" + std::string(4000, 'x') + R"("]}})";
    event.lost_since = now;
    return event;
}

Stamp heaviest_stamp(const std::string& name) {
    auto result = stamp();
    result.seq = std::numeric_limits<std::uint64_t>::max();
    result.host = name;
    result.pid = std::numeric_limits<int>::max();
    result.source = Source::sshpermctl;
    return result;
}

std::string flaw_of(const std::string& line) {
    if (line.size() > 4000)
        return "longer than 4000 bytes: " + std::to_string(line.size());
    for (const char c : line)
        if (c < ' ' || c > '~')
            return "a byte that is no printable ASCII";
    const auto json = Json::parse(line, nullptr, false);
    return json.is_object() ? "" : "no JSON object";
}

} // namespace

TEST_CASE("every event is one short ASCII line, whatever names and paths it carries", "[event]") {
    for (const auto& path : hostile_texts(4096))
        for (const auto& name : hostile_texts(255))
            for (const auto type : {EventType::daemon_started, EventType::permission_repaired}) {
                const auto line = to_line(heaviest(type, path, name), heaviest_stamp(name));

                const auto flaw = flaw_of(line);
                if (!flaw.empty()) {
                    INFO(line);
                    REQUIRE(flaw == "");
                }
            }
}

TEST_CASE("every type of event has a word of its own on its line", "[event]") {
    std::set<std::string> words;
    for (const auto type : all_types()) {
        auto event = about("/home");
        event.type = type;

        const auto json = line_of(event);

        CHECK(json["event"] == word(type));
        words.insert(std::string{word(type)});
    }
    CHECK(words.size() == all_types().size());
}

TEST_CASE("what does not fit is left out longest first, and the line says so", "[event]") {
    const auto hostile = repeated("\xff", 4096);
    const auto name = repeated("\x1b", 255);

    const auto json = Json::parse(
        to_line(heaviest(EventType::repair_failed, hostile, name), heaviest_stamp(name)));

    CHECK(json["truncated"] == true);
    CHECK_FALSE(json["file"].contains("path_b64"));
    CHECK_FALSE(json["error"].contains("message"));
    CHECK(json["error"]["code"] == "ENAMETOOLONG");
    CHECK(json["before"]["mode"] == "7777");
    CHECK(json["event"] == "repair.failed");
    CHECK(json["user"]["id"] == 4'294'967'295);
}

TEST_CASE("an ordinary line is not truncated", "[event]") {
    CHECK_FALSE(line_of(about("/home/alice/.ssh")).contains("truncated"));
    CHECK_FALSE(line_of(about("/home/alice/.ssh"))["file"].contains("path_b64"));
}

TEST_CASE("a path that is not UTF-8 comes in base64, too", "[event]") {
    const auto path = GENERATE("/home/\xff"s, "/home/caf\xe9/.ssh"s, "\xc3"s, "/home/\xed\xa0\x80"s,
                               repeated("\xff", 810), repeated("\x80", 810));

    const auto file = line_of(about(path))["file"];

    REQUIRE(file.contains("path_b64"));
    CHECK(decoded(file["path_b64"]) == path);
    CHECK(file["path"].get<std::string>().size() <= 3 * 320);
}

TEST_CASE("a path that is too long comes whole in base64", "[event]") {
    const auto path = "/home/" + repeated("a", GENERATE(400U, 700U, 804U));

    const auto json = line_of(about(path));

    CHECK_FALSE(json.contains("truncated"));

    CHECK(decoded(json["file"]["path_b64"]) == path);
    CHECK(path.starts_with(json["file"]["path"].get<std::string>()));
}

TEST_CASE("a path too long even for base64 is marked as truncated", "[event]") {
    const auto path = "/" + repeated("a", GENERATE(810U, 1000U, 4095U));

    const auto json = line_of(about(path));

    CHECK(path.starts_with(decoded(json["file"]["path_b64"])));
    CHECK(json.contains("truncated"));
}

TEST_CASE("a path of escaped characters fits and needs no base64 when it is short", "[event]") {
    const auto path = "/home/\n\t\"\x1b\\/caf\xc3\xa9"s;

    const auto file = line_of(about(path))["file"];

    CHECK(file["path"] == path);
    CHECK_FALSE(file.contains("path_b64"));
}

TEST_CASE("a long message is cut between characters", "[event]") {
    Event event;
    event.message = repeated("\xe2\x82\xac", 3000);

    const auto message = line_of(event)["message"].get<std::string>();

    CHECK(is_utf8(message));
    CHECK(event.message.starts_with(message));
    CHECK(message.size() >= 3 * 40);
}

TEST_CASE("the stamp is on the line", "[event]") {
    auto from_tool = stamp();
    from_tool.source = Source::sshpermctl;
    const Event event;

    const auto json = line_of(event);

    CHECK(json["schema"] == "sshpermd.event/1");
    CHECK(json["id"] == "9d1c6d06-4d7e-4d4d-8f43-7b8f7b8e6f0e");
    CHECK(json["seq"] == 7);
    CHECK(json["time"] == "2026-11-21T09:00:00.000000Z");
    CHECK(json["boot_id"] == "441efda31db2411c8744a1462cf4260a");
    CHECK(json["host"]["name"] == "web1");
    CHECK(json["daemon"] == Json{{"version", "0.1.0"}, {"pid", 27}});
    CHECK(json["source"] == "daemon");
    CHECK(Json::parse(to_line(event, from_tool))["source"] == "sshpermctl");
}

TEST_CASE("what an event does not know is not on its line", "[event]") {
    Stamp bare;
    bare.id = "9d1c6d06-4d7e-4d4d-8f43-7b8f7b8e6f0e";

    const auto json = Json::parse(to_line(Event{}, bare));

    for (const auto* const key : {"user",         "target",       "file",       "reasons",
                                  "before",       "expected",     "after",      "changes",
                                  "blocks_login", "exposed",      "error",      "trigger",
                                  "duration_us",  "wrong_for_us", "suppressed", "missed_by_events",
                                  "lost_since",   "boot_id",      "host",       "truncated",
                                  "count",        "kept_by"}) {
        INFO(key);
        CHECK_FALSE(json.contains(key));
    }
}

TEST_CASE("everything an event knows is on its line", "[event]") {
    Event event;
    event.type = EventType::permission_repaired;
    event.severity = Severity::notice;
    event.outcome = Outcome::repaired;
    event.message = "repaired";
    event.trigger = Trigger::overflow;
    event.user = UserRef{"alice", 1001};
    event.target = Target::ssh_dir;
    event.file = FileRef{"/home/alice/.ssh", FileType::dir, 4711, 2};
    event.before = Attributes{Mode{0777}, {0, "root"}, {4711, {}}};
    event.expected = event.after = Attributes{Mode{0700}, {0, "root"}, {1001, "alice"}};
    event.reasons = {"too_open", "wrong_group"};
    event.blocks_login = true;
    event.exposed = false;
    event.error = EventError{"EIO", "Input/output error"};
    event.duration = 11us;
    event.wrong_for = 3534us;
    event.suppressed = 3;
    event.missed_by_events = 2;
    event.count = 5;
    event.kept_by = R"({"users":["alice"],"home":{"accept":["0755"]}})";
    event.lost_since = now - 1s;

    const auto json = line_of(event);

    CHECK(json["event"] == "permission.repaired");
    CHECK(json["severity"] == "notice");
    CHECK(json["outcome"] == "repaired");
    CHECK(json["message"] == "repaired");
    CHECK(json["trigger"] == "overflow");
    CHECK(json["user"] == Json{{"name", "alice"}, {"id", 1001}});
    CHECK(json["target"] == "ssh_dir");
    CHECK(json["file"] ==
          Json{{"path", "/home/alice/.ssh"}, {"type", "dir"}, {"inode", 4711}, {"nlink", 2}});
    CHECK(json["before"] == Json{{"mode", "0777"},
                                 {"owner", {{"id", 0}, {"name", "root"}}},
                                 {"group", {{"id", 4711}}}});
    CHECK(json["after"] == Json{{"mode", "0700"},
                                {"owner", {{"id", 0}, {"name", "root"}}},
                                {"group", {{"id", 1001}, {"name", "alice"}}}});
    CHECK(json["expected"] == json["after"]);
    CHECK(json["changes"] == Json{"mode", "group"});
    CHECK(json["reasons"] == Json{"too_open", "wrong_group"});
    CHECK(json["blocks_login"] == true);
    CHECK(json["exposed"] == false);
    CHECK(json["error"] == Json{{"code", "EIO"}, {"message", "Input/output error"}});
    CHECK(json["duration_us"] == 11);
    CHECK(json["wrong_for_us"] == 3534);
    CHECK(json["suppressed"] == 3);
    CHECK(json["missed_by_events"] == 2);
    CHECK(json["count"] == 5);
    CHECK(json["kept_by"] == Json{{"users", {"alice"}}, {"home", {{"accept", {"0755"}}}}});
    CHECK(json["lost_since"] == "2026-11-21T08:59:59.000000Z");
}

TEST_CASE("changes are what differs between before and after", "[event]") {
    Event event;
    event.before = Attributes{Mode{0700}, {1, {}}, {2, {}}};
    event.after = event.before;

    SECTION("nothing") { CHECK(line_of(event)["changes"] == Json::array()); }
    SECTION("mode") {
        event.after->mode = Mode{0701};
        CHECK(line_of(event)["changes"] == Json{"mode"});
    }
    SECTION("owner") {
        event.after->owner = {3, {}};
        CHECK(line_of(event)["changes"] == Json{"owner"});
    }
    SECTION("group") {
        event.after->group = {3, {}};
        CHECK(line_of(event)["changes"] == Json{"group"});
    }
    SECTION("a name that is known by now is no change") {
        event.after->owner.name = "alice";
        CHECK(line_of(event)["changes"] == Json::array());
    }
}

TEST_CASE("times are RFC 3339 in UTC with microseconds", "[event]") {
    using Time = std::chrono::system_clock::time_point;

    CHECK(to_rfc3339(now) == "2026-11-21T09:00:00.000000Z");
    CHECK(to_rfc3339(now + 1us) == "2026-11-21T09:00:00.000001Z");
    CHECK(to_rfc3339(now + 142133us) == "2026-11-21T09:00:00.142133Z");
    CHECK(to_rfc3339(now + 999'999us) == "2026-11-21T09:00:00.999999Z");
    CHECK(to_rfc3339(now + 1999ns) == "2026-11-21T09:00:00.000001Z");
    CHECK(to_rfc3339(Time{}) == "1970-01-01T00:00:00.000000Z");
    CHECK(to_rfc3339(Time{951'782'400s}) == "2000-02-29T00:00:00.000000Z");
    CHECK(to_rfc3339(Time{4'102'444'799s}) == "2099-12-31T23:59:59.000000Z");
}

TEST_CASE("a clock before 1970 still gives a well-formed time", "[event]") {
    using Time = std::chrono::system_clock::time_point;

    CHECK(to_rfc3339(Time{-1us}) == "1969-12-31T23:59:59.999999Z");
    CHECK(to_rfc3339(Time{-1s}) == "1969-12-31T23:59:59.000000Z");
}

TEST_CASE("each event type has a MESSAGE_ID of its own: 32 hexadecimal digits", "[event]") {
    std::set<std::string> ids;
    for (const auto type : all_types()) {
        const std::string id{message_id(type)};

        INFO(word(type));
        CHECK(id.size() == 32);
        CHECK(id.find_first_not_of("0123456789abcdef") == std::string::npos);
        ids.insert(id);
    }
    CHECK(ids.size() == all_types().size());
}

TEST_CASE("a MESSAGE_ID never changes: catalogs and alerts rest on it", "[event]") {
    CHECK(message_id(EventType::permission_repaired) == "5e9dd7252e08463da5c210ece6954d19");
    CHECK(message_id(EventType::repair_refused) == "7f23b721050e4c1cbc979bdaf5e0aaba");
    CHECK(message_id(EventType::repair_failed) == "26954ef5689e4e2b9f91f800d2b6e3a5");
    CHECK(message_id(EventType::flapping_started) == "834ec405feb54bf99ffc8f0b72e75ec5");
    CHECK(message_id(EventType::config_rejected) == "7d05605f90c24788bf006d21f08985d6");
    CHECK(message_id(EventType::log_dropped) == "e21f42c773b041398b3ddeb39c284991");
}

TEST_CASE("severities are those of syslog", "[event]") {
    CHECK(priority(Severity::crit) == 2);
    CHECK(priority(Severity::err) == 3);
    CHECK(priority(Severity::warning) == 4);
    CHECK(priority(Severity::notice) == 5);
    CHECK(priority(Severity::info) == 6);
    CHECK(priority(Severity::debug) == 7);

    CHECK(word(Severity::crit) == "crit");
    CHECK(word(Severity::err) == "err");
    CHECK(word(Severity::warning) == "warning");
    CHECK(word(Severity::notice) == "notice");
    CHECK(word(Severity::info) == "info");
    CHECK(word(Severity::debug) == "debug");
}

TEST_CASE("outcomes and triggers are called by the words of the contract", "[event]") {
    CHECK(word(Outcome::repaired) == "repaired");
    CHECK(word(Outcome::refused) == "refused");
    CHECK(word(Outcome::failed) == "failed");
    CHECK(word(Outcome::reported) == "reported");
    CHECK(word(Outcome::none) == "none");

    CHECK(word(Trigger::startup) == "startup");
    CHECK(word(Trigger::inotify) == "inotify");
    CHECK(word(Trigger::rescan) == "rescan");
    CHECK(word(Trigger::overflow) == "overflow");
    CHECK(word(Trigger::mount) == "mount");
    CHECK(word(Trigger::accounts) == "accounts");
    CHECK(word(Trigger::retry) == "retry");
    CHECK(word(Trigger::reload) == "reload");
    CHECK(word(Trigger::command) == "command");
}
