// In flight on a real file: what one process notes, the next one finds. Needs root.
#include "catch.hpp"
#include "temp_home.hpp"

#include "store/in_flight.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

using namespace sshpermd;

namespace {

struct Changes {
    TempRoot dir;
    std::string path = dir.path() + "/changes";
};

Report a_report() {
    Report report;
    report.target = Target::home;
    report.path = "/home/alice";
    report.expected = {Mode{0700}, 1001, 1001};
    report.observed = Observed{};
    report.observed->mode = Mode{0777};
    report.after = report.observed;
    report.after->mode = Mode{0700};
    return report;
}

std::size_t leftovers_in(const std::string& path) { return InFlight{path}.take_leftovers().size(); }

} // namespace

TEST_CASE("what was begun and not recorded is left for the next repairer", "[record]") {
    const Changes changes;
    {
        InFlight first{changes.path};
        first.begin(a_report());
        first.done(*first.begin(a_report()), a_report());
        first.free(*first.begin(a_report()));
    }

    InFlight second{changes.path};
    const auto left = second.take_leftovers();

    REQUIRE(left.size() == 2);
    CHECK(left[0].path == "/home/alice");
    CHECK(!left[0].after.has_value());
    CHECK(left[1].after->mode == Mode{0700});
    CHECK(leftovers_in(changes.path) == 2); // the second was killed, too
    second.free(left[0].slot);
    second.free(left[1].slot);
    CHECK(leftovers_in(changes.path) == 0);
}

TEST_CASE("a leftover keeps its slot from a new change", "[record]") {
    const Changes changes;
    const auto slot = InFlight{changes.path}.begin(a_report());
    InFlight second{changes.path};
    REQUIRE(second.take_leftovers().size() == 1);

    CHECK(second.begin(a_report()) != slot);
}

TEST_CASE("when all slots wait for the record a change goes on without, and is counted",
          "[record]") {
    const Changes changes;
    InFlight in_flight{changes.path};
    auto last = in_flight.begin(a_report());
    for (auto slot = last; slot; slot = in_flight.begin(a_report()))
        last = slot;

    CHECK(in_flight.without_slot() == 1);
    in_flight.free(*last);
    CHECK(in_flight.begin(a_report()) == last);
}

TEST_CASE("the file of changes is root's alone", "[record]") {
    const Changes changes;
    const InFlight in_flight{changes.path};

    struct stat about {};
    REQUIRE(stat(changes.path.c_str(), &about) == 0);
    CHECK((about.st_mode & 07777U) == 0600);
}

TEST_CASE("a file of changes that makes no sense is replaced", "[record]") {
    const Changes changes;
    const auto is_replaced = [&] {
        InFlight in_flight{changes.path};
        return in_flight.take_leftovers().empty() && in_flight.begin(a_report());
    };

    std::ofstream{changes.path} << "nonsense";
    CHECK(is_replaced());
    std::filesystem::resize_file(changes.path, 100);
    CHECK(is_replaced());
    std::fstream{changes.path} << "another head";
    CHECK(is_replaced());
    std::filesystem::remove(changes.path);
    std::filesystem::create_symlink(changes.dir.path() + "/elsewhere", changes.path);
    CHECK(is_replaced());
    CHECK(!std::filesystem::exists(changes.dir.path() + "/elsewhere"));
    std::filesystem::remove(changes.path);
    REQUIRE(mkfifo(changes.path.c_str(), 0600) == 0);
    CHECK(is_replaced());
    REQUIRE(chown(changes.path.c_str(), 61001, 0) == 0);
    CHECK(is_replaced());
}

TEST_CASE("whatever is in the slots, the leftovers are sound and the rest is free", "[record]") {
    const Changes changes;
    InFlight{changes.path};
    std::minstd_rand random{4711}; // NOLINT: the same bytes each time
    constexpr std::streamoff behind_head = 24;
    std::fstream file{changes.path, std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(behind_head);
    for (auto left = std::filesystem::file_size(changes.path) - behind_head; left > 0; --left)
        file.put(static_cast<char>(random() % 4));
    file.close();

    InFlight in_flight{changes.path};
    const auto left = in_flight.take_leftovers();
    std::size_t free = 0;
    while (in_flight.begin(a_report()))
        ++free;

    CHECK(left.size() + free == 1024);
}
