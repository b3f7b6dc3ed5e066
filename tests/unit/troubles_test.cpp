// Troubles: each is told when it begins and when it is over, and not in between.
#include "catch.hpp"
#include "troubles.hpp"

namespace {

using namespace sshpermd;

Event begins(Trouble trouble, const std::string& message = "it is so",
             EventType type = EventType::daemon_degraded) {
    Event event;
    event.type = type;
    event.severity = Severity::warning;
    event.message = message;
    event.trouble = trouble;
    return event;
}

Event ends(Trouble trouble) { return begins(trouble, "over", EventType::daemon_recovered); }

Event about(Event event, const std::string& path) {
    event.file = FileRef{path, {}, {}, {}};
    return event;
}

TEST_CASE("a trouble is told once until it is over", "[troubles]") {
    Troubles troubles;

    CHECK(troubles.take_note(begins(Trouble::watch_limit)));
    CHECK(!troubles.take_note(begins(Trouble::watch_limit, "it is worse")));
    CHECK(troubles.list().at(0).message == "it is worse");
    CHECK(troubles.take_note(ends(Trouble::watch_limit)));
    CHECK(!troubles.take_note(ends(Trouble::watch_limit)));
    CHECK(troubles.list().empty());
    CHECK(troubles.take_note(begins(Trouble::watch_limit)));
}

TEST_CASE("an event without a trouble is always told", "[troubles]") {
    Troubles troubles;

    CHECK(troubles.take_note(Event{}));
    CHECK(troubles.take_note(Event{}));
    CHECK(troubles.list().empty());
}

TEST_CASE("a trouble about one path is not that about another", "[troubles]") {
    Troubles troubles;

    CHECK(troubles.take_note(about(begins(Trouble::home_root_missing), "/home")));
    CHECK(troubles.take_note(about(begins(Trouble::home_root_missing), "/srv")));
    CHECK(troubles.take_note(about(ends(Trouble::home_root_missing), "/home")));
    REQUIRE(troubles.list().size() == 1);
    CHECK(troubles.list().at(0).path == "/srv");
}

TEST_CASE("each configuration that is rejected is told", "[troubles]") {
    Troubles troubles;
    const auto rejected = begins(Trouble::config_rejected, "it is bad", EventType::config_rejected);

    CHECK(troubles.take_note(rejected));
    CHECK(troubles.take_note(rejected));
    CHECK(troubles.list().size() == 1);
}

TEST_CASE("what another keeper does not confirm is over; what it does is not told again",
          "[troubles]") {
    Troubles troubles;
    troubles.take_note(begins(Trouble::watch_limit));
    troubles.take_note(begins(Trouble::watch_lost));
    troubles.take_note(begins(Trouble::no_socket));

    troubles.doubt();
    CHECK(!troubles.take_note(begins(Trouble::watch_limit)));
    const auto over = troubles.settle();

    REQUIRE(over.size() == 1);
    CHECK(over.at(0).type == EventType::daemon_recovered);
    CHECK(over.at(0).trouble == Trouble::watch_lost);
    CHECK(troubles.list().size() == 2);
    CHECK(troubles.settle().empty());
}

TEST_CASE("the headline names what is grave, and nothing that is not", "[troubles]") {
    Troubles troubles;
    troubles.begin(Trouble::no_group, Severity::info, "there is no group");
    CHECK(troubles.headline().empty());
    CHECK(is_ok(troubles.list()));

    troubles.begin(Trouble::watch_limit, Severity::err, "too few watches");
    CHECK(troubles.headline() == "Degraded: too few watches; ");
    CHECK(!is_ok(troubles.list()));

    troubles.begin(Trouble::no_socket, Severity::warning, "no socket");
    CHECK(troubles.headline() == "Degraded: too few watches (and 1 more); ");
}

} // namespace
