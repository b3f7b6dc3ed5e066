// Facts of the machine that a takeover rests on: launch keys, and whose a uid is.

#include "catch.hpp"
#include "system/launch_keys.hpp"
#include "system/uid_owner.hpp"
#include "temp_home.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

using namespace sshpermd;

namespace {

constexpr const char* key =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIORNOSrkCLBn4KoG+tSn8XXxWvYrO8tEgYjVynLZ/S1k launch";

std::string write(const TempRoot& dir, const std::string& text) {
    const auto path = dir.path() + "/instance-data.json";
    std::ofstream{path} << text;
    chmod(path.c_str(), 0644);
    return path;
}

} // namespace

TEST_CASE("the key that the cloud gave the instance is known, its comment aside", "[launch_keys]") {
    const TempRoot dir;
    const auto path = write(
        dir, std::string{R"({"v1": {"public_ssh_keys": ["# ours", "no key", ")"} + key + R"("]}})");

    const auto keys = launch_keys(path);

    REQUIRE(keys.size() == 1);
    const std::string line{key};
    CHECK(keys[0] == significant_lines(line.substr(0, line.rfind(' ')) + " other").at(0).hash);
}

TEST_CASE("instance data that others could have written gives no launch key", "[launch_keys]") {
    const TempRoot dir;
    auto path = write(dir, std::string{R"({"v1": {"public_ssh_keys": [")"} + key + R"("]}})");
    REQUIRE(launch_keys(path).size() == 1);
    SECTION("writable by others") { chmod(path.c_str(), 0666); }
    SECTION("owned by a user") { REQUIRE(chown(path.c_str(), 61001, 61001) == 0); }
    SECTION("a link") {
        const auto link = dir.path() + "/link";
        REQUIRE(symlink(path.c_str(), link.c_str()) == 0);
        path = link;
    }
    SECTION("a pipe that nobody writes") {
        unlink(path.c_str());
        REQUIRE(mkfifo(path.c_str(), 0600) == 0);
    }
    SECTION("none") { unlink(path.c_str()); }
    SECTION("a directory") { path = dir.path(); }

    CHECK(launch_keys(path).empty());
}

TEST_CASE("a uid with an account, or that systemd gives away, is not nobody's", "[uid_owner]") {
    CHECK_FALSE(is_nobodys(0));
    CHECK_FALSE(is_nobodys(getuid()));
    for (const uid_t uid :
         {60001U, 61184U, 65519U, 65534U, 65535U, 524288U, 1879048191U, 0xffffffffU})
        CHECK_FALSE(is_nobodys(uid));
}

TEST_CASE("a uid is nobody's only as long as nothing speaks for anybody", "[uid_owner]") {
    const TempRoot etc;
    constexpr uid_t uid = 41234;
    const auto write_to = [&](const std::string& name, const std::string& text) {
        std::ofstream{etc.path() + "/" + name} << text;
        chmod((etc.path() + "/" + name).c_str(), 0644);
    };
    REQUIRE(is_nobodys(uid, etc.path()));
    write_to("nsswitch.conf", "passwd: files systemd\n");
    write_to("subuid", "alice:100000:65536\n");
    REQUIRE(is_nobodys(uid, etc.path()));
    SECTION("a user has it in a user namespace") { write_to("subuid", "alice:41000:1000\n"); }
    SECTION("a line that is not understood") { write_to("subuid", "alice:0x10:5\n"); }
    SECTION("a directory service") { write_to("nsswitch.conf", "passwd: sss files\n"); }
    SECTION("a subuid that others can write") { chmod((etc.path() + "/subuid").c_str(), 0666); }
    SECTION("a subuid that cannot be read") {
        unlink((etc.path() + "/subuid").c_str());
        REQUIRE(mkdir((etc.path() + "/subuid").c_str(), 0755) == 0);
    }

    CHECK_FALSE(is_nobodys(uid, etc.path()));
}
