// UniqueFd: every descriptor is closed exactly once.
#include "catch.hpp"

#include "io/unique_fd.hpp"

#include <dirent.h>
#include <fcntl.h>

#include <memory>
#include <type_traits>
#include <utility>

using namespace sshpermd;

namespace {

int open_descriptors() {
    const std::unique_ptr<DIR, int (*)(DIR*)> dir{opendir("/proc/self/fd"), closedir};
    REQUIRE(dir != nullptr);
    int count = -1; // the directory's own
    while (const auto* entry = readdir(dir.get()))
        count += entry->d_name[0] == '.' ? 0 : 1;
    return count;
}

bool is_open(int fd) { return fcntl(fd, F_GETFD) != -1; }

UniqueFd a_file() {
    UniqueFd fd{open("/dev/null", O_RDONLY | O_CLOEXEC)};
    REQUIRE(fd);
    return fd;
}

} // namespace

TEST_CASE("an owner closes its descriptor at its end", "[unique_fd]") {
    const auto before = open_descriptors();
    {
        const auto fd = a_file();
        CHECK(open_descriptors() == before + 1);
    }

    CHECK(open_descriptors() == before);
}

TEST_CASE("an owner of nothing closes nothing", "[unique_fd]") {
    const auto before = open_descriptors();
    {
        const UniqueFd empty;
        const UniqueFd failed{-1};
        CHECK_FALSE(empty);
        CHECK_FALSE(failed);
        CHECK(empty.get() == -1);
    }

    CHECK(open_descriptors() == before);
}

TEST_CASE("descriptor 0 is a descriptor, and closed like any other", "[unique_fd]") {
    const int standard_input = fcntl(0, F_DUPFD_CLOEXEC, 3);
    if (standard_input >= 0)
        close(0);
    {
        UniqueFd zero{open("/dev/null", O_RDONLY | O_CLOEXEC)};
        CHECK(zero);
        CHECK(zero.get() == 0);
    }

    CHECK_FALSE(is_open(0));
    if (standard_input >= 0) {
        dup2(standard_input, 0);
        close(standard_input);
    }
}

TEST_CASE("a moved descriptor has one owner", "[unique_fd]") {
    const auto before = open_descriptors();
    {
        auto first = a_file();
        const int number = first.get();

        const auto second = std::move(first);

        CHECK(second.get() == number);
        CHECK(first.get() == -1); // NOLINT: what a moved-from owner holds is the question
        CHECK(open_descriptors() == before + 1);
    }

    CHECK(open_descriptors() == before);
}

TEST_CASE("assigning to an owner leaks neither descriptor", "[unique_fd]") {
    const auto before = open_descriptors();
    {
        auto kept = a_file();
        const int old = kept.get();
        const int number = [&] {
            auto other = a_file();
            const int result = other.get();
            kept = std::move(other);
            return result;
        }();

        CHECK(kept.get() == number);
        CHECK(is_open(number));
        CHECK_FALSE(is_open(old));
        CHECK(open_descriptors() == before + 1);
    }

    CHECK(open_descriptors() == before);
}

TEST_CASE("assigning a fresh descriptor a thousand times keeps one open", "[unique_fd]") {
    const auto before = open_descriptors();
    UniqueFd fd;

    for (int i = 0; i < 1000; ++i)
        fd = a_file();

    CHECK(open_descriptors() == before + 1);
}

TEST_CASE("an owner assigned to itself keeps its descriptor", "[unique_fd]") {
    auto fd = a_file();
    const int number = fd.get();
    auto& same = fd;

    fd = std::move(same);

    CHECK(fd.get() == number);
    CHECK(is_open(number));
}

TEST_CASE("a released descriptor is the caller's to close", "[unique_fd]") {
    int number = -1;
    {
        auto fd = a_file();
        number = fd.release();
        CHECK_FALSE(fd);
    }

    REQUIRE(is_open(number));
    CHECK(close(number) == 0);
}

TEST_CASE("a descriptor cannot be copied", "[unique_fd]") {
    CHECK_FALSE(std::is_copy_constructible_v<UniqueFd>);
    CHECK_FALSE(std::is_copy_assignable_v<UniqueFd>);
    CHECK(std::is_nothrow_move_constructible_v<UniqueFd>);
    CHECK(std::is_nothrow_move_assignable_v<UniqueFd>);
}
