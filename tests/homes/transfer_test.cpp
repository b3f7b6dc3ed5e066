// Transfer and directory: all of it, the bound, and the error that kept it from being all.
#include "catch.hpp"
#include "io/directory.hpp"
#include "io/transfer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <set>
#include <string>
#include <thread>
#include <utility>

namespace sshpermd {
namespace {

std::pair<UniqueFd, UniqueFd> new_pipe() {
    std::array<int, 2> ends{};
    REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0);
    return {UniqueFd{ends[0]}, UniqueFd{ends[1]}};
}

TEST_CASE("more than a pipe holds at once is written and read whole") {
    auto [out, in] = new_pipe();
    const std::string sent(300'000, 'x');
    std::size_t written = 0;
    std::thread writer{[&, end = std::move(in)] { written = write_all(end.get(), sent); }};
    const auto got = read_all(out.get(), 1U << 20U);
    writer.join();
    CHECK(written == sent.size());
    CHECK(got == sent);
}

TEST_CASE("reading stops one byte behind the bound") {
    for (const auto size : {9U, 10U, 11U, 4000U}) {
        auto [out, in] = new_pipe();
        REQUIRE(write_all(in.get(), std::string(size, 'x')) == size);
        in = UniqueFd{};
        const auto got = read_all(out.get(), 10);
        REQUIRE(got);
        CHECK(got->size() == std::min(size, 11U));
    }
}

TEST_CASE("what cannot be written or read says why") {
    auto [out, in] = new_pipe();
    errno = 0;
    CHECK(write_all(out.get(), "x") == 0); // the reading end
    CHECK(errno == EBADF);
    CHECK_FALSE(read_all(in.get(), 10));
    CHECK(errno == EBADF);
    const UniqueFd full{open("/dev/full", O_WRONLY | O_CLOEXEC)};
    CHECK(write_all(full.get(), "x") == 0);
    CHECK(errno == ENOSPC);
}

class SomeFiles {
  public:
    SomeFiles() {
        std::string name = "/tmp/sshpermd-directory-XXXXXX";
        path_ = mkdtemp(name.data());
        for (const auto* const file : {"a", "b", ".c"})
            close(open((path_ / file).c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    }
    ~SomeFiles() { std::filesystem::remove_all(path_); }
    SomeFiles(const SomeFiles&) = delete;
    SomeFiles& operator=(const SomeFiles&) = delete;

    [[nodiscard]] UniqueFd opened() const {
        return UniqueFd{open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    }

  private:
    std::filesystem::path path_;
};

TEST_CASE("a directory's entries are all met, but . and ..") {
    const SomeFiles dir;
    std::set<std::string> names;
    CHECK(for_each_entry(dir.opened(), [&](const dirent& entry) {
              return names.insert(entry.d_name).second;
          }) == 0);
    CHECK(names == std::set<std::string>{"a", "b", ".c"});
}

TEST_CASE("who has seen enough of a directory is shown no more") {
    const SomeFiles dir;
    int seen = 0;
    CHECK(for_each_entry(dir.opened(), [&](const dirent&) { return ++seen < 2; }) == 0);
    CHECK(seen == 2);
}

TEST_CASE("what is no directory says so, and what could not be opened says why") {
    const auto none = [](const dirent&) { return true; };
    CHECK(for_each_entry(UniqueFd{open("/dev/null", O_RDONLY | O_CLOEXEC)}, none) == ENOTDIR);
    CHECK(for_each_entry(UniqueFd{open("/nowhere/at/all", O_RDONLY | O_CLOEXEC)}, none) == ENOENT);
}

} // namespace
} // namespace sshpermd
