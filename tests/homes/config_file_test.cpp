// The configuration's files: the order of the layers, what masks what, and what is kept.
#include "catch.hpp"
#include "store/accepted_config.hpp"
#include "system/config_file.hpp"
#include "temp_home.hpp"
#include "temp_state.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace sshpermd;

namespace {

namespace fs = std::filesystem;

/// The three places in a directory of their own.
struct Layers {
    TempRoot dir;
    ConfigPlaces places{dir.path() + "/lib", dir.path() + "/etc.json", dir.path() + "/etc"};

    void vendor(const std::string& name, const std::string& text) const {
        write(places.vendor_dir, name, text);
    }
    void site(const std::string& name, const std::string& text) const {
        write(places.site_dir, name, text);
    }
    static void write(const std::string& dir, const std::string& name, const std::string& text) {
        fs::create_directory(dir);
        std::ofstream{dir + "/" + name} << text;
    }
    LayeredConfig load() const { return load_config(std::nullopt, places); }
    std::string problem() const {
        try {
            load();
        } catch (const ConfigError& error) {
            return error.what();
        }
        return "none";
    }
};

std::string burst(int count) { return R"({"flap": {"burst": )" + std::to_string(count) + "}}"; }

Accounts some_accounts() { return {{{"root", 0, 0, "/root"}}, {{"root", 0, {}}}}; }

} // namespace

TEST_CASE("without any file the built-in configuration is in force", "[config_file]") {
    const Layers layers;

    CHECK(layers.load().config == Config{});
    CHECK(layers.load().files.empty());
}

TEST_CASE("the vendor's files come first, then the site's file, then the site's directory, each in "
          "the order of names",
          "[config_file]") {
    const Layers layers;
    layers.vendor("20-b.json", burst(2));
    layers.vendor("10-a.json", R"({"flap": {"burst": 1}, "mode": "observe"})");
    CHECK(layers.load().config.flap.burst == 2);
    CHECK(layers.load().config.operation == Operation::observe);
    std::ofstream{layers.places.site_file} << burst(3);
    CHECK(layers.load().config.flap.burst == 3);
    layers.site("05-d.json", burst(5));
    layers.site("04-c.json", burst(4));
    layers.site("99-e.json.rpmsave", burst(9));
    layers.site(".98-hidden.json", burst(9));

    const auto loaded = layers.load();

    CHECK(loaded.config.flap.burst == 5);
    const auto& places = layers.places;
    CHECK(loaded.files == std::vector<std::string>{places.vendor_dir + "/10-a.json",
                                                   places.vendor_dir + "/20-b.json",
                                                   places.site_file, places.site_dir + "/04-c.json",
                                                   places.site_dir + "/05-d.json"});
}

TEST_CASE("a file of the site's masks the vendor's of the same name, and {} switches it off",
          "[config_file]") {
    const Layers layers;
    layers.vendor("10-a.json", "this is not even JSON");
    layers.vendor("20-b.json", burst(2));
    layers.site("10-a.json", R"({"mode": "observe"})");
    layers.site("20-b.json", "{}");

    const auto loaded = layers.load();

    CHECK(loaded.config.operation == Operation::observe);
    CHECK(loaded.config.flap.burst == 10);
    CHECK(loaded.files == std::vector<std::string>{layers.places.site_dir + "/10-a.json",
                                                   layers.places.site_dir + "/20-b.json"});
}

TEST_CASE("neither a link nor an empty file masks anything: both are mistakes", "[config_file]") {
    const Layers layers;
    layers.vendor("10-a.json", burst(2));
    layers.site("10-a.json", "");
    CHECK(layers.problem() == layers.places.site_dir +
                                  "/10-a.json:1: not valid JSON: the file holds nothing; a "
                                  "configuration that sets nothing is {}");
    fs::remove(layers.places.site_dir + "/10-a.json");
    fs::create_symlink("/dev/null", layers.places.site_dir + "/10-a.json");

    CHECK(layers.problem() == layers.places.site_dir +
                                  "/10-a.json: a symbolic link, and links are not followed; put "
                                  "the file itself there");
}

TEST_CASE("a layer that others could have written is refused, file or directory", "[config_file]") {
    const Layers layers;
    layers.site("10-a.json", "{}");
    const auto file = layers.places.site_dir + "/10-a.json";
    SECTION("a file that others may write") {
        REQUIRE(chmod(file.c_str(), 0646) == 0);
        CHECK(layers.problem() == file + ": others could write it (mode 0646): chmod go-w " + file);
    }
    SECTION("a file of somebody else's") {
        REQUIRE(chown(file.c_str(), 61001, 0) == 0);
        CHECK(layers.problem() ==
              file + ": belongs to uid 61001, must belong to root: chown root:root " + file);
    }
    SECTION("a directory that its group may write") {
        REQUIRE(chmod(layers.places.site_dir.c_str(), 0775) == 0);
        CHECK(layers.problem() == layers.places.site_dir +
                                      ": others could write it (mode 0775): chmod go-w " +
                                      layers.places.site_dir);
    }
    SECTION("a directory that is a link") {
        fs::create_directory(layers.places.vendor_dir + ".elsewhere");
        fs::create_symlink(layers.places.vendor_dir + ".elsewhere", layers.places.vendor_dir);
        CHECK(layers.problem() ==
              layers.places.vendor_dir + ": not a directory (links are not followed)");
    }
}

TEST_CASE("--config replaces all layers", "[config_file]") {
    const Layers layers;
    layers.vendor("10-a.json", burst(2));
    const auto named = layers.dir.path() + "/named.json";
    std::ofstream{named} << R"({"mode": "observe"})";

    const auto loaded = load_config(named, layers.places);

    CHECK(loaded.config.flap.burst == 10);
    CHECK(loaded.files == std::vector<std::string>{named});
}

TEST_CASE("a group that is not there is complained of where it was named", "[config_file]") {
    const Layers layers;
    layers.site("10-a.json", "{\"policy\": {\n\"home_root\": {\"group\": \"wheeel\"}}}");
    const auto problem = [&] {
        try {
            require_groups(layers.load(), some_accounts());
        } catch (const ConfigError& error) {
            return std::string{error.what()};
        }
        return std::string{"none"};
    };
    const auto advice = std::string{" on this machine; make it (groupadd), or name one that is "
                                    "there (getent group)"};

    CHECK(problem() == layers.places.site_dir +
                           "/10-a.json:2: \"/policy/home_root/group\": there is no group "
                           "\"wheeel\"" +
                           advice);
    layers.site("10-a.json", R"({"socket": {"group": "operators"}})");
    CHECK(problem() == layers.places.site_dir +
                           "/10-a.json:1: \"/socket/group\": there is no group \"operators\"" +
                           advice);
    layers.site("10-a.json", R"({"socket": {"group": "sshperm"}})");
    CHECK(problem() == "none");
}

TEST_CASE("the accepted configuration comes back, for the source it came from", "[config_file]") {
    const TempState state;
    const auto config = parse_config(
        R"({"mode": "observe", "flap": {"burst": 7}, "users": {"exclude": ["\u001b*"]},
            "overrides": [{"users": ["a"], "home": {"accept": ["0755"]}}]})",
        "a");
    CHECK(!read_accepted(std::nullopt, state.dir()).has_value());

    keep_accepted(config, std::nullopt, state.dir());
    keep_accepted(Config{}, "/run/trial.json", state.dir());

    CHECK(read_accepted(std::nullopt, state.dir()) == config);
    CHECK(read_accepted("/run/trial.json", state.dir()) == Config{});
    CHECK(!read_accepted("/run/other.json", state.dir()).has_value());
    CHECK(mode_of(state.dir() + "/accepted.json") == 0600);
    CHECK(mode_of(state.dir()) == 0700);
    CHECK_FALSE(fs::exists(state.dir() + "/accepted.json.new"));
}

TEST_CASE("an accepted configuration that somebody could have changed, or that is damaged, is none",
          "[config_file]") {
    const TempState state;
    keep_accepted(Config{}, std::nullopt, state.dir());
    const auto file = state.dir() + "/accepted.json";
    REQUIRE(read_accepted(std::nullopt, state.dir()).has_value());
    SECTION("of a user") { REQUIRE(chown(file.c_str(), 61001, 0) == 0); }
    SECTION("writable") { REQUIRE(chmod(file.c_str(), 0620) == 0); }
    SECTION("cut off") { fs::resize_file(file, 100); }
    SECTION("empty") { fs::resize_file(file, 0); }
    SECTION("of another version") {
        std::ofstream{file} << R"({"schema": "sshpermd.accepted/1", "source": null,
                                   "config": {"colour": "red"}})";
    }
    SECTION("of another kind") { std::ofstream{file} << "[]"; }

    CHECK(!read_accepted(std::nullopt, state.dir()).has_value());
    keep_accepted(Config{}, std::nullopt, state.dir());
    CHECK(read_accepted(std::nullopt, state.dir()) == Config{});
}

TEST_CASE("what is kept already is not written again", "[config_file]") {
    const TempState state;
    keep_accepted(Config{}, std::nullopt, state.dir());
    const auto inode = [&] {
        struct stat about {};
        REQUIRE(stat((state.dir() + "/accepted.json").c_str(), &about) == 0);
        return about.st_ino;
    };
    const auto before = inode();

    keep_accepted(Config{}, std::nullopt, state.dir());
    CHECK(inode() == before);
    std::ofstream{state.dir() + "/accepted.json.new"} << "of a writer that was killed";
    keep_accepted(parse_config(burst(3), "a"), std::nullopt, state.dir());
    CHECK(read_accepted(std::nullopt, state.dir())->flap.burst == 3);
}
