// Configuration files are believed only when nobody but root can have written them.

#include "catch.hpp"
#include "policy/config.hpp"
#include "system/trusted_file.hpp"
#include "temp_home.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

using namespace sshpermd;

namespace {

std::string problem_with(const std::string& path) {
    try {
        read_trusted_file(path);
        return "none";
    } catch (const ConfigError& error) {
        return error.what();
    }
}

} // namespace

TEST_CASE("a configuration file of root's own is read", "[trusted_file]") {
    const TempRoot dir;
    const auto path = dir.path() + "/config";
    std::ofstream{path} << "{}";

    CHECK(read_trusted_file(path) == "{}");
    CHECK_FALSE(read_trusted_file(dir.path() + "/none").has_value());
}

TEST_CASE("a configuration file that others could have written is refused with the remedy",
          "[trusted_file]") {
    const TempRoot dir;
    const auto path = dir.path() + "/config";
    std::ofstream{path} << "{}";
    SECTION("writable by others") {
        chmod(path.c_str(), 0666);
        CHECK(problem_with(path) ==
              path + ": others could write it (mode 0666): chmod go-w " + path);
    }
    SECTION("owned by a user") {
        REQUIRE(chown(path.c_str(), 61001, 61001) == 0);
        CHECK(problem_with(path) ==
              path + ": belongs to uid 61001, must belong to root: chown root:root " + path);
    }
    SECTION("a symbolic link") {
        const auto link = dir.path() + "/link";
        REQUIRE(symlink(path.c_str(), link.c_str()) == 0);
        CHECK(problem_with(link) == link + ": a symbolic link, and links are not followed; put the "
                                           "file itself there");
    }
    SECTION("a directory") {
        CHECK(problem_with(dir.path()) == dir.path() + ": not a regular file");
    }
    SECTION("too large") {
        std::ofstream{path} << std::string((1U << 20U) + 1, ' ');
        CHECK(problem_with(path) == path + ": larger than 1 MiB, no configuration is");
    }
}
