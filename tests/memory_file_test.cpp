// The memory's file: what is in it after a restart, a crash, a full disk, a copy to another
// machine.

#include "catch.hpp"
#include "record/memory_bytes.hpp"
#include "system/memory_file.hpp"
#include "temp_home.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <thread>

using namespace sshpermd;

namespace {

const Account alice{"alice", 61001, 61001, "/home/alice"};
const Account bob{"bob", 61002, 61002, "/home/bob"};
constexpr const char* this_machine = "machine:0123456789abcdef0123456789abcdef";
constexpr const char* another_machine = "machine:ffffffffffffffffffffffffffffffff";

/// A state directory that goes away in the end.
class TempState {
  public:
    std::string dir() const { return root_.path() + "/state"; }
    std::string file() const { return dir() + "/memory"; }

    MemoryFile open(StateUse use = StateUse::change, const char* machine = this_machine) const {
        return MemoryFile{use, dir(), machine};
    }
    std::string bytes() const {
        std::ifstream in{file(), std::ios::binary};
        return {std::istreambuf_iterator<char>{in}, {}};
    }
    void add(const std::string& bytes) const {
        std::ofstream{file(), std::ios::binary | std::ios::app} << bytes;
    }

  private:
    TempRoot root_;
};

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

unsigned mode_of(const std::string& path) {
    struct stat about {};
    REQUIRE(lstat(path.c_str(), &about) == 0);
    return about.st_mode & 07777U;
}

int error_of(const TempState& state, StateUse use = StateUse::change) {
    try {
        state.open(use);
        return 0;
    } catch (const std::system_error& error) {
        return error.code().value();
    }
}

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
        file.sync();
        file.memory().see(bob);
        const auto trouble = file.take_trouble();
        CHECK(trouble.starts_with("cannot append to the memory: "));
        CHECK(file.take_trouble().empty());
        CHECK(state.open().memory().has_seen(alice)); // the old file is still there
    }
    file.memory().learn(bob, "home", "h");

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

TEST_CASE("a state directory that somebody else could have written is refused", "[memory_file]") {
    const TempState state;
    state.open().memory().see(alice);
    SECTION("writable by others") { REQUIRE(chmod(state.dir().c_str(), 0777) == 0); }
    SECTION("owned by a user") { REQUIRE(chown(state.dir().c_str(), 61001, 61001) == 0); }
    SECTION("a file writable by its group") { REQUIRE(chmod(state.file().c_str(), 0660) == 0); }
    SECTION("a file owned by a user") { REQUIRE(chown(state.file().c_str(), 61001, 0) == 0); }
    SECTION("a file with a second name") {
        std::filesystem::create_hard_link(state.file(), state.dir() + "/second");
    }

    CHECK(error_of(state) == EPERM);
    CHECK(error_of(state, StateUse::look) == 0);
    CHECK(state.open(StateUse::look).memory() == Memory{});
    CHECK_FALSE(state.open(StateUse::look).trouble().empty());
}

TEST_CASE("a symbolic link in place of the memory is not followed", "[memory_file]") {
    const TempState state, elsewhere;
    elsewhere.open().memory().see(alice);
    const auto bytes = elsewhere.bytes();
    SECTION("the file") {
        std::filesystem::create_directory(state.dir());
        std::filesystem::create_symlink(elsewhere.file(), state.file());
        CHECK(error_of(state) == ELOOP);
    }
    SECTION("the directory") {
        std::filesystem::create_symlink(elsewhere.dir(), state.dir());
        CHECK(error_of(state) == ENOTDIR);
    }

    CHECK(state.open(StateUse::look).memory() == Memory{});
    CHECK(elsewhere.bytes() == bytes);
}

TEST_CASE("a state directory that others may read is closed to them", "[memory_file]") {
    const TempState state;
    std::filesystem::create_directory(state.dir());
    REQUIRE(chmod(state.dir().c_str(), 0755) == 0);

    state.open();

    CHECK(mode_of(state.dir()) == 0700);
}

TEST_CASE("a machine is known by its machine-id, before it has one by its boot", "[memory_file]") {
    const TempRoot dir;
    const auto machine = dir.path() + "/machine-id";
    const auto boot = dir.path() + "/boot_id";
    std::ofstream{boot} << "01234567-89ab-cdef-0123-456789abcdef\n";
    const auto id_with = [&](const std::string& text) {
        std::ofstream{machine} << text;
        return machine_id(machine, boot);
    };

    CHECK(machine_id(machine, boot) == "boot:0123456789abcdef0123456789abcdef");
    CHECK(id_with("") == "boot:0123456789abcdef0123456789abcdef");
    CHECK(id_with("uninitialized\n") == "boot:0123456789abcdef0123456789abcdef");
    CHECK(id_with(std::string(32, '0')) == "boot:0123456789abcdef0123456789abcdef");
    CHECK(id_with("fedcba9876543210fedcba9876543210\n") ==
          "machine:fedcba9876543210fedcba9876543210");
    CHECK(machine_id(dir.path() + "/none", dir.path() + "/none").empty());
}
