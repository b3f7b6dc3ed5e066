// Metrics: what Prometheus reads, from a status and a tally.
#include "catch.hpp"

#include "event/metrics.hpp"
#include "event/users.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace sshpermd;
using std::chrono::microseconds;

namespace {

bool has_line(const std::string& page, const std::string& line) {
    return ("\n" + page).find("\n" + line + "\n") != std::string::npos;
}

Event repaired_after(microseconds wrong_for) {
    Event event;
    event.type = EventType::permission_repaired;
    event.target = Target::ssh_dir;
    event.wrong_for = wrong_for;
    return event;
}

TEST_CASE("every series is there before anything has happened") {
    const auto page = to_metrics({}, {});

    for (std::size_t i = 0; i < event_types; ++i)
        CHECK(has_line(page, "sshpermd_events_total{event=\"" +
                                 std::string{word(static_cast<EventType>(i))} + "\"} 0"));
    for (std::size_t i = 0; i < all_troubles; ++i)
        CHECK(has_line(page, "sshpermd_degraded{reason=\"" +
                                 std::string{word(static_cast<Trouble>(i))} + "\"} 0"));
    CHECK(has_line(page, "sshpermd_accounts{state=\"missing_keys\"} 0"));
    CHECK(has_line(page, "sshpermd_repairs_total{target=\"home_root\"} 0"));
    CHECK(has_line(page, "sshpermd_wrong_seconds_bucket{le=\"+Inf\"} 0"));
    CHECK(has_line(page, "sshpermd_last_scan_timestamp_seconds 0"));
}

TEST_CASE("a status and a tally are told in numbers") {
    Status status;
    status.version = "0.1.0";
    status.mode = "repair";
    status.ready = true;
    status.degraded = {{Trouble::watch_limit, "/home/alice", Severity::err, "secret", {}}};
    status.users.at(static_cast<std::size_t>(UserState::withheld)) = 3;
    status.last_look = FullLookTimes{std::chrono::system_clock::time_point{std::chrono::seconds{7}},
                                     microseconds{1'250'000}};
    Tally tally;
    for (const int us : {0, 1000, 1001, 70'000'000})
        tally.count(repaired_after(microseconds{us}));

    const auto page = to_metrics(status, tally);

    CHECK(has_line(page, "sshpermd_build_info{version=\"0.1.0\"} 1"));
    CHECK(has_line(page, "sshpermd_ready 1"));
    CHECK(has_line(page, "sshpermd_ok 0"));
    CHECK(has_line(page, "sshpermd_repairing 1"));
    CHECK(has_line(page, "sshpermd_degraded{reason=\"watch_limit\"} 1"));
    CHECK(has_line(page, "sshpermd_accounts{state=\"withheld\"} 3"));
    CHECK(has_line(page, "sshpermd_repairs_total{target=\"ssh_dir\"} 4"));
    CHECK(has_line(page, "sshpermd_events_total{event=\"permission.repaired\"} 4"));
    CHECK(has_line(page, "sshpermd_scan_duration_seconds 1.25"));
    CHECK(has_line(page, "sshpermd_last_scan_timestamp_seconds 7"));
    CHECK(has_line(page, "sshpermd_wrong_seconds_bucket{le=\"0.001\"} 2"));
    CHECK(has_line(page, "sshpermd_wrong_seconds_bucket{le=\"0.005\"} 3"));
    CHECK(has_line(page, "sshpermd_wrong_seconds_bucket{le=\"60\"} 3"));
    CHECK(has_line(page, "sshpermd_wrong_seconds_bucket{le=\"+Inf\"} 4"));
    CHECK(has_line(page, "sshpermd_wrong_seconds_sum 70.002001"));
    CHECK(has_line(page, "sshpermd_wrong_seconds_count 4"));
    CHECK(page.find("alice") == std::string::npos);
    CHECK(page.find("secret") == std::string::npos);
}

TEST_CASE("users are told in pages of a thousand, by name") {
    UserList::Roster roster;
    for (int i = 2499; i >= 0; --i)
        roster.push_back({"u" + std::to_string(10'000 + i), 1000, "/home/u"});
    roster.push_back({}); // nobody is there
    UserList list{std::make_shared<const UserList::Roster>(std::move(roster)), {}};
    list.states.resize(2501, UserState::protected_);
    list.states[0] = UserState::withheld; // u12499
    list.states[1].reset();

    std::vector<std::string> names;
    UserQuery query;
    int pages = 0;
    for (auto more = true; more; ++pages) {
        const auto page = nlohmann::json::parse(to_json(list, query));
        CHECK(page.at("users").size() <= users_per_page);
        for (const auto& user : page.at("users"))
            names.push_back(user.at("name").get<std::string>());
        more = !page.at("next").is_null();
        if (more)
            query.after = page.at("next").get<std::string>();
    }
    CHECK(pages == 3);
    CHECK(names.size() == 2500);
    CHECK(std::is_sorted(names.begin(), names.end()));

    const auto withheld = nlohmann::json::parse(to_json(list, {UserState::withheld, ""}));
    REQUIRE(withheld.at("users").size() == 1);
    CHECK(withheld.at("users").at(0).at("name") == "u12499");
    CHECK(withheld.at("users").at(0).at("state") == "withheld");
}

} // namespace
