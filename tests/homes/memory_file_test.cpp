// The memory's file: what is in it after a restart, a crash, a full disk, a copy to another
// machine.

#include "catch.hpp"
#include "record/memory_bytes.hpp"
#include "store/memory_file.hpp"
#include "temp_state.hpp"

#include <sys/resource.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

using namespace sshpermd;

namespace {

const Account alice{"alice", 61001, 61001, "/home/alice"};
const Account bob{"bob", 61002, 61002, "/home/bob"};
constexpr const char* another_machine = "machine:ffffffffffffffffffffffffffffffff";

/// No file of this process gets longer than that, as on a full disk.
class FullDisk {
  public:
    explicit FullDisk(std::size_t size) {
        getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{size, before_.rlim_max};
        before_handler_ = std::signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;
    ~FullDisk() {
        setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, before_handler_);
    }

  private:
    rlimit before_{};
    void (*before_handler_)(int) = nullptr;
};

} // namespace

TEST_CASE("what was remembered is remembered after a restart", "[memory_file]") {
    const TempState state;
    Memory before;
    {
        auto file = state.open();
        CHECK(file.trouble().empty());
        file.memory().learn(alice, "home", "h");
        file.memory().withhold(bob, "authorized_keys", "k");
        file.sync();
        CHECK(file.take_trouble().empty());
        before = file.memory();
    }

    auto file = state.open();

    CHECK(file.memory() == before);
    CHECK(file.memory().is_withheld(bob, "authorized_keys", "k"));
    CHECK(file.trouble().empty());
    CHECK(mode_of(state.dir()) == 0700);
    CHECK(mode_of(state.file()) == 0600);
}

TEST_CASE("without a sync the memory survives all but a power cut", "[memory_file]") {
    const TempState state;
    auto killed = state.open();

    killed.memory().see(alice);

    CHECK(state.open().memory().has_seen(alice));
}

TEST_CASE("a torn record is cut off, and what is recorded next is kept", "[memory_file]") {
    const TempState state;
    state.open().memory().see(alice);
    const auto whole = state.bytes();
    const auto torn = GENERATE(std::string("\x0b\0\0", 3), std::string(5000, '\0'),
                               memory_frame("S").substr(0, 8) + "T", memory_frame("no record"));
    state.add(torn);
    {
        auto file = state.open();
        CHECK(file.trouble() == "the memory was damaged: its last " + std::to_string(torn.size()) +
                                    " bytes were cut");
        CHECK(state.bytes() == whole);
        file.memory().see(bob);
    }

    auto file = state.open();

    CHECK(file.trouble().empty());
    CHECK(file.memory().has_seen(alice));
    CHECK(file.memory().has_seen(bob));
}

TEST_CASE("another machine's memory is none, and is not kept", "[memory_file]") {
    const TempState state;
    state.open().memory().learn(alice, "home", "h");
    {
        auto file = state.open(StateUse::change, another_machine);
        CHECK(file.memory() == Memory{});
        CHECK(file.trouble() == "the memory begins empty: it is another machine's, or of a boot "
                                "without a machine-id");
        file.memory().see(bob);
    }

    CHECK(state.open(StateUse::look, another_machine).memory().has_seen(bob));
    CHECK(state.open().memory() == Memory{});
}

TEST_CASE("what was forgotten before an image was made is neither in it nor missed on its machines",
          "[memory_file]") {
    const TempState state;
    {
        auto file = state.open();
        file.memory().learn(alice, "home", "h");
        file.memory().forget_all();
        file.sync();
    }
    CHECK(state.bytes().find("alice") == std::string::npos);

    CHECK(state.open(StateUse::change, another_machine).trouble().empty());
}

TEST_CASE("a machine without any id remembers until it restarts", "[memory_file]") {
    const TempState state;
    auto file = state.open(StateUse::change, "");
    file.memory().see(alice);

    CHECK(file.memory().has_seen(alice));
    CHECK(state.open(StateUse::change, "").memory() == Memory{});
}

TEST_CASE("a memory of another version, or a damaged one, begins empty", "[memory_file]") {
    const TempState state;
    state.open().memory().see(alice);
    auto bytes = state.bytes();
    SECTION("another version") {
        bytes[8] = 99;
        std::ofstream{state.file(), std::ios::binary} << bytes;
        CHECK(state.open().trouble() ==
              "the memory begins empty: another version of sshpermd wrote it");
    }
    SECTION("damaged") {
        std::ofstream{state.file(), std::ios::binary} << "not a memory";
        CHECK(state.open().trouble() ==
              "the memory begins empty: it is damaged from its beginning on");
    }
    CHECK(state.open().trouble().empty());
    CHECK(state.open().memory() == Memory{});
}

TEST_CASE("looking writes nothing", "[memory_file]") {
    const TempState state;
    CHECK(state.open(StateUse::look).memory() == Memory{});
    CHECK_FALSE(std::filesystem::exists(state.dir()));
    state.open().memory().see(alice);
    state.add("torn");
    const auto bytes = state.bytes();
    {
        auto file = state.open(StateUse::look);
        CHECK(file.memory().has_seen(alice));
        file.memory().see(bob);
        file.sync();
    }

    CHECK(state.bytes() == bytes);
}

TEST_CASE("a memory that grew by forgetting and learning is written anew", "[memory_file]") {
    const TempState state;
    auto file = state.open();
    std::size_t largest = 0;
    for (unsigned i = 0; i < 20000; ++i) {
        file.memory().learn(alice, "home", "identity " + std::to_string(i));
        if (i % 1000 == 0) {
            file.sync();
            largest = std::max(largest, state.bytes().size());
        }
    }
    file.memory().see(bob); // after the new file

    CHECK(largest < 400UL << 10U);
    CHECK(mode_of(state.file()) == 0600);
    CHECK(file.take_trouble().empty());
    CHECK(state.open().memory() == file.memory());
}

TEST_CASE("nothing is lost that is recorded while the memory is written anew", "[memory_file]") {
    const TempState state;
    auto file = state.open();
    std::atomic<bool> is_done{false};
    std::thread syncing{[&] {
        while (!is_done)
            file.sync();
    }};
    for (unsigned i = 0; i < 30000; ++i)
        file.memory().learn(alice, "keys" + std::to_string(i % 16), std::to_string(i));
    is_done = true;
    syncing.join();

    CHECK(state.bytes().size() < 1UL << 20U);
    CHECK(state.open().memory() == file.memory());
    CHECK(file.take_trouble().empty());
}

TEST_CASE("what the file does not say is written anew from what is known", "[memory_file]") {
    const TempState state;
    auto file = state.open();
    for (unsigned i = 0; i < 20000; ++i) // much more than is alive
        file.memory().learn(alice, "home", "identity " + std::to_string(i));
    {
        std::fstream spoiled{state.file(), std::ios::binary | std::ios::in | std::ios::out};
        spoiled.seekp(1000);
        spoiled << "spoiled";
    }

    file.sync();
    file.memory().see(bob);
    file.sync();

    CHECK(file.take_trouble().empty());
    CHECK(state.bytes().size() < 1000);
    CHECK(state.open().memory() == file.memory());
}

TEST_CASE("a start with a file that has grown has it written anew", "[memory_file]") {
    const TempState state;
    {
        auto file = state.open();
        for (unsigned i = 0; i < 20000; ++i)
            file.memory().learn(alice, "home", "identity " + std::to_string(i));
    }
    auto file = state.open();
    CHECK(state.bytes().size() > 256UL << 10U);
    CHECK(file.has_news());

    file.sync();

    CHECK(state.bytes().size() < 1000);
    CHECK(state.open().memory() == file.memory());
}

TEST_CASE("a record that fits only in half on a full disk does not spoil what follows",
          "[memory_file]") {
    const TempState state;
    auto file = state.open();
    file.memory().see(alice);
    const auto whole = state.bytes();
    {
        const FullDisk full{whole.size() + 5};
        file.memory().withhold(alice, "authorized_keys", "k");
        CHECK(state.bytes() == whole);
        CHECK(file.memory().is_withheld(alice, "authorized_keys", "k"));
        file.memory().see(bob);
        file.sync();
        CHECK(file.take_trouble().starts_with("cannot append to the memory: "));
        CHECK(file.take_trouble().empty());
        CHECK(state.open().memory().has_seen(alice)); // the old file is still there
    }

    file.sync();

    CHECK(state.open().memory() == file.memory());
    CHECK(state.open().memory().is_withheld(alice, "authorized_keys", "k"));
    CHECK_FALSE(std::filesystem::exists(state.dir() + "/memory.new"));
}

TEST_CASE("what a crash left of a new file is not in the way", "[memory_file]") {
    const TempState state;
    auto file = state.open();
    std::ofstream{state.dir() + "/memory.new"} << "half";

    for (unsigned i = 0; i < 20000; ++i)
        file.memory().learn(alice, "home", std::to_string(i));
    file.sync();

    CHECK(file.take_trouble().empty());
    CHECK(state.open().memory() == file.memory());
}
