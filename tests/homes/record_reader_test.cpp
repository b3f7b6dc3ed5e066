// The record read in parts while others write it, over the ring's turns. Needs root.
#include "catch.hpp"
#include "temp_home.hpp"

#include "store/record_reader.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace sshpermd;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t many = 1U << 20U;

/// "2026-11-21T09:00:07.000000Z"
std::string time_of(int number) {
    auto second = std::to_string(100 + number);
    return "2026-11-21T09:00:" + second.substr(1) + ".000000Z";
}

std::string line(int number) {
    return R"({"schema":"sshpermd.event/1","id":"e)" + std::to_string(number) + R"(","seq":)" +
           std::to_string(number) + R"(,"time":")" + time_of(number) + "\"}\n";
}

std::string lines(int from, int to) {
    std::string all;
    for (int i = from; i <= to; ++i)
        all += line(i);
    return all;
}

struct TempRecord {
    TempRoot root;
    std::string path = root.path() + "/record";
    RecordReader reader{[this] { return open_dir(); }};

    TempRecord() { fs::create_directory(path); }
    UniqueFd open_dir() const { return UniqueFd{open(path.c_str(), O_RDONLY | O_DIRECTORY)}; }
    /// Five lines a segment, four of those.
    RecordFile file() const {
        return RecordFile{[this] {
                              fs::create_directory(path);
                              return open_dir();
                          },
                          {4, 5 * line(1).size() + 4}};
    }
    void add(int from, int to) const {
        auto record = file();
        for (int i = from; i <= to; ++i)
            record.append(line(i));
    }
    std::string text_from(RecordPlace place) const {
        return reader.read(place, many, many).value().text;
    }
};

TEST_CASE("a record that is not there is empty") {
    TempRecord record;
    fs::remove(record.path);

    RecordPlace place;
    CHECK(record.reader.read(place, many, many)->text.empty());
    CHECK(record.text_from(record.reader.end()).empty());
    CHECK(record.text_from(record.reader.before_last(3)).empty());
    CHECK_FALSE(record.reader.behind("e1"));
}

TEST_CASE("who follows the record gets each line once, over the ends of its segments") {
    TempRecord record;
    record.add(1, 3);
    auto place = record.reader.end();

    record.add(4, 12);
    CHECK(record.reader.read(place, many, many)->text == lines(4, 12));
    CHECK(record.reader.read(place, many, many)->text.empty());
    record.add(13, 13);
    CHECK(record.reader.read(place, many, many)->text == lines(13, 13));
}

TEST_CASE("the last lines, those behind an event and those since a moment are found") {
    TempRecord record;
    record.add(1, 12);

    CHECK(record.text_from(record.reader.before_last(1)) == lines(12, 12));
    CHECK(record.text_from(record.reader.before_last(7)) == lines(6, 12));
    CHECK(record.text_from(record.reader.before_last(0)).empty());
    CHECK(record.text_from(record.reader.before_last(100)) == lines(1, 12));
    CHECK(record.text_from(record.reader.behind("e7").value()) == lines(8, 12));
    CHECK(record.text_from(record.reader.behind("e12").value()).empty());
    CHECK_FALSE(record.reader.behind("e13"));
    CHECK(record.text_from(record.reader.from(time_of(6))) == lines(6, 12));
    CHECK(record.text_from(record.reader.from(time_of(8))) == lines(8, 12));
    CHECK(record.text_from(record.reader.from("1970-01-01T00:00:00.000000Z")) == lines(1, 12));
    CHECK(record.text_from(record.reader.from("2027-01-01T00:00:00.000000Z")).empty());
}

TEST_CASE("no more is read at once than was asked for, and then the rest") {
    TempRecord record;
    record.add(1, 12);

    RecordPlace place;
    const auto first = record.reader.read(place, many, 7).value();
    CHECK(first.text == lines(1, 7));
    CHECK_FALSE(first.is_all);
    const auto rest = record.reader.read(place, many, 100).value();
    CHECK(rest.text == lines(8, 12));
    CHECK(rest.is_all);

    RecordPlace slow;
    std::string text;
    for (int i = 0; i < 100; ++i)
        text += record.reader.read(slow, 4200, many)->text;
    CHECK(text == lines(1, 12));
}

TEST_CASE("what the ring has dropped is passed over") {
    TempRecord record;
    record.add(1, 3);
    auto place = record.reader.end();
    record.add(4, 40);

    const auto text = record.reader.read(place, many, many)->text;

    const auto left = static_cast<int>(text.size() / line(10).size());
    CHECK(left > 10);
    CHECK(text == lines(41 - left, 40));
}

TEST_CASE("a record that was removed and begun anew is read from its beginning") {
    TempRecord record;
    record.add(1, 12);
    auto place = record.reader.end();
    fs::remove_all(record.path);
    record.add(13, 14);

    CHECK(record.reader.read(place, many, many)->text == lines(13, 14));
}

TEST_CASE("what is half written is not read, and what is no event is left out") {
    TempRecord record;
    record.add(1, 2);
    const auto segment = record.path + "/" + segment_name(1);
    std::ofstream{segment, std::ios::app} << "{\"not\":\"an event\"}\n" << line(3).substr(0, 30);
    RecordPlace place;

    CHECK(record.reader.read(place, many, many)->text == lines(1, 2));
    {
        const auto dir = record.open_dir();
        REQUIRE(flock(dir.get(), LOCK_EX) == 0);
        CHECK_FALSE(record.reader.read(place, many, many));
    }
    record.add(4, 4); // which cuts the torn line
    CHECK(record.reader.read(place, many, many)->text == line(4));
}

} // namespace
