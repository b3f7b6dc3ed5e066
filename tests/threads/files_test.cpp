// The files that several threads or processes use at once.
#include "catch.hpp"

#include "../temp_home.hpp"
#include "store/memory_file.hpp"
#include "store/record_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <atomic>
#include <thread>

using namespace sshpermd;

TEST_CASE("the memory is made durable and written anew while it is added to", "[files]") {
    constexpr const char* machine = "machine:x";
    const TempRoot root;
    const auto dir = root.path() + "/state";
    MemoryFile file{StateUse::change, dir, machine};
    std::atomic<bool> is_done{false};
    std::string trouble;
    std::thread disk{[&] {
        while (!is_done) {
            if (file.has_news())
                file.sync();
            trouble += file.take_trouble();
        }
    }};

    for (unsigned i = 0; i < 8000; ++i) { // what one account has replaces what it had
        const Account account{"user" + std::to_string(i % 50), 1001, 1001, {}};
        file.memory().learn(account, "home", std::string(100, static_cast<char>('a' + i % 26)));
    }
    is_done = true;
    disk.join();
    file.sync();

    CHECK(trouble.empty());
    CHECK(MemoryFile{StateUse::look, dir, machine}.memory() == file.memory());
    struct stat about {};
    REQUIRE(stat((dir + "/memory").c_str(), &about) == 0);
    CHECK(about.st_size < 700'000); // written anew at least once
}

TEST_CASE("two writers and a reader have the record at once", "[files]") {
    constexpr unsigned count = 1000;
    const TempRoot root;
    const auto open_dir = [path = root.path()] {
        return UniqueFd{open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    };
    const auto write = [&] {
        RecordFile file{open_dir, {1000, 4096}};
        for (unsigned i = 0; i < count; ++i) {
            file.append("{\"seq\":" + std::to_string(i) + "}\n");
            if (i % 100 == 0)
                file.sync();
        }
    };
    const auto lines = [&] {
        std::size_t seen = 0;
        read_record(open_dir().get(), [&](std::string_view) { ++seen; });
        return seen;
    };
    std::atomic<unsigned> writing{2};
    std::array<std::thread, 2> writers;
    for (auto& writer : writers)
        writer = std::thread{[&] {
            write();
            --writing;
        }};

    std::size_t most = 0;
    while (writing > 0)
        most = std::max(most, lines());
    for (auto& writer : writers)
        writer.join();

    CHECK(most > 0);
    CHECK(lines() == 2 * count);
}
