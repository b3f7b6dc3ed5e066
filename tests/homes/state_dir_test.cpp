// The state directory and what is in it are root's alone; a machine is known by its id.

#include "catch.hpp"
#include "temp_state.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

using namespace sshpermd;

namespace {

const Account alice{"alice", 61001, 61001, "/home/alice"};

int error_of(const TempState& state, StateUse use = StateUse::change) {
    try {
        state.open(use);
        return 0;
    } catch (const std::system_error& error) {
        return error.code().value();
    }
}

} // namespace

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
