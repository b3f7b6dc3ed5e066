// Tree events: every change is in one of few lines, and none of them is too long.
#include "catch.hpp"

#include "event/event_json.hpp"
#include "event/tree_event.hpp"
#include "record/tree_page.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>
#include <random>
#include <sstream>

using namespace sshpermd;

namespace {

const TreeOwner alice{"alice", "/home/alice", 1001, 1001};

/// What the lines say, as changes.
std::vector<TreeChange> said_by(const std::vector<Event>& events) {
    std::vector<TreeChange> changes;
    for (const auto& event : events) {
        const auto line = to_line(event, {});
        REQUIRE(line.size() <= 4000);
        const auto json = nlohmann::json::parse(line);
        CHECK_FALSE(json.contains("truncated"));
        std::uint64_t count = 0;
        for (const auto& from : json["tree"]["from"]) {
            std::istringstream runs{from["inodes"].get<std::string>()};
            for (std::string run; std::getline(runs, run, ',');) {
                const auto dash = run.find('-');
                const auto first = std::stoull(run);
                const auto last =
                    dash == std::string::npos ? first : std::stoull(run.substr(dash + 1));
                for (auto inode = first; inode <= last; ++inode, ++count)
                    changes.push_back({inode, from["owner"], from["group"]});
            }
        }
        CHECK(json["tree"]["count"] == count);
    }
    return changes;
}

void check_is_told(std::vector<TreeChange> changes, std::size_t most_events) {
    const auto key = [](const TreeChange& change) {
        return std::tuple{change.owner, change.group, change.inode};
    };
    const auto before = [&](const TreeChange& a, const TreeChange& b) { return key(a) < key(b); };
    const auto events = events_of(alice, changes, {});
    auto said = said_by(events);
    std::sort(changes.begin(), changes.end(), before);
    std::sort(said.begin(), said.end(), before);
    CHECK(said == changes);
    CHECK(events.size() <= most_events);
}

} // namespace

TEST_CASE("a full page of files made one after the other is one line", "[event]") {
    std::vector<TreeChange> changes;
    for (std::uint32_t i = 0; i < tree_changes; ++i)
        changes.push_back({1000 + i, 1005, 1005});
    std::shuffle(changes.begin(), changes.end(), std::mt19937{1});

    check_is_told(changes, 1);
}

TEST_CASE("a full page of files from everywhere is told in lines that fit", "[event]") {
    std::mt19937_64 random{20261122};
    std::vector<TreeChange> changes;
    for (std::uint32_t i = 0; i < tree_changes; ++i)
        changes.push_back({random() >> 1U, static_cast<std::uint32_t>(1005 + i % 7), 4294967290U});

    check_is_told(changes, tree_changes / 50);
}

TEST_CASE("as many owners as files are told in lines that fit", "[event]") {
    std::vector<TreeChange> changes;
    for (std::uint32_t i = 0; i < 500; ++i)
        changes.push_back({(~std::uint64_t{0} >> 1U) - 2 * i, 4294967290U - i, i});

    check_is_told(changes, 50);
}

TEST_CASE("what a walk that was killed left is one event, also without a change", "[event]") {
    const auto events = events_of_interrupted(alice, {}, "/home/alice/d", {});

    REQUIRE(events.size() == 1);
    CHECK(events[0].outcome == Outcome::reported);
    CHECK(events[0].message.find("/home/alice/d given back") != std::string::npos);
}

TEST_CASE("a tree page is read as it was written, and nothing is made of nonsense", "[record]") {
    const auto page = std::make_unique<TreePage>();
    note_owner(*page, alice);
    Observed was;
    was.mode = Mode{02750};
    was.owner = 1001;
    was.group = 7;
    was.inode = 4711;
    note_held(*page, "a/b", was);
    page->is_held = 1;
    page->changes[0] = {12, 1005, 1006};
    page->changed = 1;

    const auto leftover = read_page(*page);

    REQUIRE(leftover);
    CHECK(leftover->whose == alice);
    CHECK(leftover->changes == std::vector<TreeChange>{{12, 1005, 1006}});
    REQUIRE(leftover->held);
    CHECK(*leftover->held == HeldDirectory{"a/b", 4711, Mode{02750}, 1001, 7});
    CHECK_FALSE(leftover->made);
    const MadeDirectory made{Target::ssh_dir, 815, {Mode{0700}, alice.uid, alice.gid}};
    note_made(*page, made);
    CHECK_FALSE(read_page(*page)->made);
    page->is_made = made_word(Target::ssh_dir);
    CHECK(read_page(*page)->made == made);
    page->is_made = 77;
    CHECK_FALSE(read_page(*page)->made);
    note_held(*page, std::string(5000, 'x'), was);
    CHECK_FALSE(read_page(*page)->held);
    page->changed = tree_changes + 1;
    CHECK_FALSE(read_page(*page));
    *page = {};
    CHECK_FALSE(read_page(*page));
}
