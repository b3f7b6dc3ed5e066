// The record on real files: torn lines, a ring of segments, several writers. Needs root.
#include "catch.hpp"
#include "temp_home.hpp"

#include "store/record_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

using namespace sshpermd;
namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

namespace {

struct TempRecord {
    TempRoot root;
    std::string path = root.path() + "/record";

    TempRecord() { fs::create_directory(path); }

    RecordFile file(RecordRing ring = {}) const {
        return RecordFile{[dir = path] {
                              fs::create_directory(dir);
                              return UniqueFd{open(dir.c_str(), O_RDONLY | O_DIRECTORY)};
                          },
                          ring};
    }
    std::string segment(int number) const {
        return path + "/" + segment_name(static_cast<std::uint64_t>(number));
    }
    Lines lines() const {
        Lines all;
        const UniqueFd dir{open(path.c_str(), O_RDONLY | O_DIRECTORY)};
        read_record(dir.get(), [&](std::string_view line) { all.emplace_back(line); });
        return all;
    }
};

std::string line(int number) { return "{\"seq\":" + std::to_string(number) + "}"; }

Lines lines(int from, int to) {
    Lines all;
    for (int i = from; i <= to; ++i)
        all.push_back(line(i));
    return all;
}

std::string bytes_of(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

} // namespace

TEST_CASE("what is appended to the record is read in order", "[record]") {
    const TempRecord record;
    {
        auto file = record.file();
        file.append(line(1) + "\n" + line(2) + "\n");
        file.append(line(3) + "\n");
        file.sync();
    }
    record.file().append(line(4) + "\n");

    CHECK(record.lines() == lines(1, 4));
    struct stat about {};
    REQUIRE(stat(record.segment(1).c_str(), &about) == 0);
    CHECK((about.st_mode & 07777U) == 0600);
}

TEST_CASE("a torn line is cut before the next is appended", "[record]") {
    const std::size_t torn = GENERATE(1U, 100U, 65'536U, 200'000U);
    const bool has_whole_lines = GENERATE(true, false);
    const TempRecord record;
    const auto whole = has_whole_lines ? line(1) + "\n" : "";
    std::ofstream{record.segment(1)} << whole << '{' << std::string(torn - 1, 'x');

    record.file().append(line(2) + "\n");

    CHECK(bytes_of(record.segment(1)) == whole + line(2) + "\n");
}

TEST_CASE("what a power cut left of pages is left out, and nothing else", "[record]") {
    const std::size_t lost = GENERATE(1U, 4096U, 70'000U);
    const std::string begin = GENERATE("", "{\"seq\":");
    const std::string end = GENERATE("", "2}");
    const bool is_last = GENERATE(false, true);
    const TempRecord record;
    const auto behind = is_last ? "" : end + "\n" + line(3) + "\n";
    std::ofstream{record.segment(1), std::ios::binary} << line(1) << '\n'
                                                       << begin << std::string(lost, '\0')
                                                       << behind;

    auto file = record.file();
    file.append(line(4) + "\n");
    file.append(line(5) + "\n");

    const auto kept = is_last ? "" : line(3) + "\n";
    CHECK(bytes_of(record.segment(1)) == line(1) + "\n" + kept + line(4) + "\n" + line(5) + "\n");
    CHECK(std::distance(fs::directory_iterator{record.path}, {}) == 1);
    struct stat about {};
    REQUIRE(stat(record.segment(1).c_str(), &about) == 0);
    CHECK((about.st_mode & 07777U) == 0600);
}

TEST_CASE("a writer goes on in what another one has mended", "[record]") {
    const TempRecord record;
    auto file = record.file();
    file.append(line(1) + "\n");
    std::ofstream{record.segment(1), std::ios::app | std::ios::binary} << '\0' << '\n';

    record.file().append(line(2) + "\n");
    file.append(line(3) + "\n");

    CHECK(bytes_of(record.segment(1)) == line(1) + "\n" + line(2) + "\n" + line(3) + "\n");
}

TEST_CASE("a line that another writer tears is cut by one that lives", "[record]") {
    const TempRecord record;
    auto file = record.file();
    file.append(line(1) + "\n");
    std::ofstream{record.segment(1), std::ios::app} << "{\"torn";

    file.append(line(2) + "\n");

    CHECK(record.lines() == lines(1, 2));
}

TEST_CASE("the oldest segment goes when the ring is full", "[record]") {
    const TempRecord record;
    auto file = record.file({3, 40}); // three lines each
    for (int i = 1; i <= 20; ++i)
        file.append(line(i) + "\n");

    const auto left = record.lines();
    CHECK(left.back() == line(20));
    CHECK(left == lines(21 - static_cast<int>(left.size()), 20));
    CHECK(std::distance(fs::directory_iterator{record.path}, {}) == 3);
    CHECK(!fs::exists(record.segment(1)));
}

TEST_CASE("two writers share a record, also across its segments", "[record]") {
    const TempRecord record;
    auto one = record.file({8, 40});
    auto other = record.file({8, 40});
    for (int i = 1; i <= 12; i += 2) {
        one.append(line(i) + "\n");
        other.append(line(i + 1) + "\n");
    }

    CHECK(record.lines() == lines(1, 12));
}

TEST_CASE("a writer goes on where another one has gone on", "[record]") {
    const TempRecord record;
    auto one = record.file({8, 40});
    auto other = record.file({8, 40});
    one.append(line(1) + "\n");
    other.append(line(2) + "\n" + line(3) + "\n" + line(4) + "\n"); // another segment

    one.append(line(5) + "\n"); // would fit into the first

    CHECK(record.lines() == lines(1, 5));
}

TEST_CASE("a record that was removed is begun again", "[record]") {
    const TempRecord record;
    auto file = record.file();
    file.append(line(1) + "\n");
    fs::remove_all(record.path);

    file.append(line(2) + "\n");

    CHECK(record.lines() == lines(2, 2));
}

TEST_CASE("links, FIFOs and directories that are called like segments are passed over",
          "[record]") {
    const TempRecord record;
    const auto elsewhere = record.root.path() + "/elsewhere";
    std::ofstream{elsewhere} << line(0) << "\n";
    const auto trap = GENERATE(0, 1, 2, 3);
    if (trap == 0)
        fs::create_symlink(elsewhere, record.segment(1));
    else if (trap == 1)
        fs::create_hard_link(elsewhere, record.segment(1));
    else if (trap == 2)
        REQUIRE(mkfifo(record.segment(1).c_str(), 0600) == 0);
    else
        fs::create_directory(record.segment(1));

    record.file().append(line(1) + "\n");

    CHECK(bytes_of(record.segment(2)) == line(1) + "\n");
    CHECK(bytes_of(elsewhere) == line(0) + "\n");
    CHECK(record.lines().back() == line(1));
}

TEST_CASE("what the disk refuses is thrown, and goes in when it does not any more", "[record]") {
    const TempRecord record;
    int missing = 2;
    RecordFile file{[&] {
        if (missing-- > 0)
            throw std::system_error(EROFS, std::generic_category(), "open it");
        return UniqueFd{open(record.path.c_str(), O_RDONLY | O_DIRECTORY)};
    }};

    CHECK_THROWS_AS(file.append(line(1) + "\n"), std::system_error);
    CHECK_THROWS_AS(file.append(line(1) + "\n"), std::system_error);
    file.append(line(1) + "\n");

    CHECK(record.lines() == lines(1, 1));
}

TEST_CASE("a reader finds what is sound among hostile bytes", "[record]") {
    const TempRecord record;
    std::ofstream{record.segment(1), std::ios::binary} << line(1) << "\n"
                                                       << std::string(100'000, '\0') << "\n\xff\n"
                                                       << line(2) << "\n{\"torn";
    std::ofstream{record.segment(3)} << line(3) << "\n";
    std::ofstream{record.path + "/notes.txt"} << line(9) << "\n";

    CHECK(record.lines() == lines(1, 3));
}
