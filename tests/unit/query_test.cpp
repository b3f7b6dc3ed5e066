// Queries: the target of a request means what it says, or is refused.
#include "catch.hpp"

#include "reconcile/query.hpp"

#include <string>

using namespace sshpermd;

namespace {

EventQuery events(const std::string& query) {
    return parse_event_query(take_apart("/v1/events?" + query));
}

UserQuery users(const std::string& query) {
    return parse_user_query(take_apart("/v1/users?" + query));
}

TEST_CASE("a target is taken apart and decoded") {
    CHECK(take_apart("/v1/users").path == "/v1/users");
    CHECK(take_apart("/v1/users?").query.empty());
    const auto target = take_apart("/v1/users?after=a%20b%26c%c3%a9&state=");
    CHECK(target.path == "/v1/users");
    CHECK(target.query.at("after") == "a b&c\xc3\xa9");
    CHECK(target.query.at("state").empty());
    for (const auto* const wrong : {"/?x", "/?=1", "/?a=1&a=2", "/?a=%4", "/?a=%zz", "/?a=%00"})
        CHECK_THROWS_AS(take_apart(wrong), RequestError);
}

TEST_CASE("every name comes back from its escapes") {
    std::string all;
    for (int byte = 1; byte < 256; ++byte)
        all += static_cast<char>(byte);
    const auto encoded = percent_encoded(all);
    CHECK(encoded.find_first_of(" /?&=#\n") == std::string::npos);
    CHECK(percent_decoded(encoded) == all);
}

TEST_CASE("users are asked for by their state and from a name on") {
    CHECK(users("state=withheld").state == UserState::withheld);
    CHECK(users("state=protected").state == UserState::protected_);
    CHECK(users("after=alice").after == "alice");
    CHECK_FALSE(users("").state);
    CHECK_THROWS_AS(users("state=broken"), RequestError);
    CHECK_THROWS_AS(users("user=alice"), RequestError);
}

TEST_CASE("events are asked for behind one, from a moment on, or by number") {
    const std::string id = "9d1c6d06-4d7e-4d4d-8f43-7b8f7b8e6f0e";
    CHECK(events("since=" + id).since_id == id);
    CHECK(events("since=2026-11-21T09:00:00Z").since_time == "2026-11-21T09:00:00.000000Z");
    CHECK(events("since=2026-11-21T09:00:00.5Z").since_time == "2026-11-21T09:00:00.500000Z");
    CHECK(events("limit=1000").limit == 1000);
    CHECK(events("follow=1").follow);
    CHECK(parse_repair_query(take_apart("/v1/repair?follow=1")).follow);
    CHECK_FALSE(parse_repair_query(take_apart("/v1/repair")).follow);
    CHECK_THROWS_AS(parse_repair_query(take_apart("/v1/repair?follow=yes")), RequestError);
    CHECK_THROWS_AS(parse_repair_query(take_apart("/v1/repair?limit=1")), RequestError);
    CHECK_FALSE(events("limit=0").follow);
    for (const auto* const wrong :
         {"since=yesterday", "since=2026-11-21", "since=2026-11-21T09:00:00.1234567Z",
          "since=2026-11-21T09:00:00.Z", "since=9D1C6D06-4d7e-4d4d-8f43-7b8f7b8e6f0e", "limit=1001",
          "limit=-1", "follow=0", "last=1", "since=2026-11-21T09:00:00+01:00"})
        CHECK_THROWS_AS(events(wrong), RequestError);
}

TEST_CASE("a pause says how long and why") {
    const auto pause = parse_pause_request(R"({"for":"30m","reason":"moving homes"})");
    CHECK(pause.length == std::chrono::minutes{30});
    CHECK(pause.reason == "moving homes");
    CHECK(parse_pause_request(to_json(pause)) == pause);
    for (const auto* const wrong :
         {"", "{}", R"({"for":"30m"})", R"({"reason":"x"})", R"({"for":"25h","reason":"x"})",
          R"({"for":"0s","reason":"x"})", R"({"for":30,"reason":"x"})",
          R"({"for":"30m","reason":""})", R"({"for":"30m","reason":"x","by":"me"})"})
        CHECK_THROWS_AS(parse_pause_request(wrong), RequestError);
    CHECK_NOTHROW(require_empty(""));
    CHECK_NOTHROW(require_empty("{}"));
    CHECK_THROWS_AS(require_empty(R"({"users":[]})"), RequestError);
}

} // namespace
