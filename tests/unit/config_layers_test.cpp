// Layers of one configuration: what wins, and whose mistake a mistake is.
#include "catch.hpp"

#include "policy/config_layers.hpp"

#include <string>
#include <vector>

using namespace sshpermd;

namespace {

Config merged(const std::vector<ConfigLayer>& layers) { return merge_layers(layers).config; }

std::string complaint(const std::vector<ConfigLayer>& layers) {
    try {
        merge_layers(layers);
    } catch (const ConfigError& error) {
        return error.what();
    }
    return "nothing";
}

using Texts = std::vector<std::string>;

} // namespace

TEST_CASE("no layer is the built-in configuration, and one is itself", "[layers]") {
    const std::string text = R"({"mode": "observe", "overrides": [{"users": ["a"]}]})";

    CHECK(merged({}) == Config{});
    CHECK(merge_layers({}).origins.empty());
    CHECK(merged({{"a", text}}) == parse_config(text, "a"));
}

TEST_CASE("a later layer wins member by member, and a list of its replaces the list", "[layers]") {
    const auto config = merged(
        {{"vendor", R"({"mode": "observe", "users": {"exclude": ["git", "www"], "root": true},
                        "policy": {"home": {"mode": "0711", "accept": ["0755", "0751"]}}})"},
         {"site", R"({"users": {"exclude": ["git"]}, "flap": {"burst": 3},
                      "policy": {"home": {"accept": ["0750"]}, "ssh_dir": {"mode": "0500"}}})"}});

    CHECK(config.operation == Operation::observe);
    CHECK(config.users.exclude == Texts{"git"});
    CHECK(config.users.root);
    CHECK(config.flap.burst == 3);
    CHECK(config.policy.home == Rule{Mode{0711}, {Mode{0750}}, false, false});
    CHECK(config.policy.ssh_dir.mode == Mode{0500});
}

TEST_CASE("overrides are concatenated, those of later layers first", "[layers]") {
    const auto layered =
        merge_layers({{"one", R"({"overrides": [{"users": ["a"]},
                                   {"users": ["b"]}]})"},
                      {"two", R"({"overrides": [{"users": ["c"], "home": {"mode": "0711"}},
                                   {"users": ["a"], "ignore": true}]})"},
                      {"three", R"({"policy": {"home": {"mode": "0750"}}})"}});
    const auto& config = layered.config;

    REQUIRE(config.overrides.size() == 4);
    CHECK(config.overrides[0].users == Texts{"c"});
    CHECK(config.overrides[1].users == Texts{"a"});
    CHECK(config.overrides[2].users == Texts{"a"});
    CHECK(config.overrides[3].users == Texts{"b"});
    CHECK(config.policy_for("a").ignore);
    CHECK(config.policy_for("b").home.mode == Mode{0750}); // laid over the policy as a whole
    CHECK(layered.origins.at("/overrides/0") == "two:1");
    CHECK(layered.origins.at("/overrides/1") == "two:2");
    CHECK(layered.origins.at("/overrides/3") == "one:2");
}

TEST_CASE("min_uid null in a later layer leaves it to login.defs again", "[layers]") {
    const ConfigLayer number{"a", R"({"users": {"min_uid": 500}})"};
    const ConfigLayer null{"b", R"({"users": {"min_uid": null}})"};

    CHECK(merged({number}).users.min_uid == 500);
    CHECK(!merged({number, null}).users.min_uid.has_value());
    CHECK(merged({null, number}).users.min_uid == 500);
}

TEST_CASE("each value knows the file and the line that decided it", "[layers]") {
    const auto layered = merge_layers(
        {{"/usr/lib/a.json", "{\n\"mode\": \"observe\",\n\"flap\": {\"burst\": 3}}"},
         {"/etc/b.json", "{\"policy\": {\n\"home_root\": {\n\"group\": \"wheel\"}},\n\"mode\": "
                         "\"repair\"}"}});

    CHECK(layered.files == Texts{"/usr/lib/a.json", "/etc/b.json"});
    CHECK(origin_of(layered, "/mode") == "/etc/b.json:4: ");
    CHECK(origin_of(layered, "/flap/burst") == "/usr/lib/a.json:3: ");
    CHECK(origin_of(layered, "/policy/home_root/group") == "/etc/b.json:3: ");
    CHECK(origin_of(layered, "/flap/window").empty());
}

TEST_CASE("a mistake is one of the file it is in, also where a later layer covers it", "[layers]") {
    const ConfigLayer good{"good.json", R"({"mode": "repair", "flap": {"burst": 3}})"};

    CHECK(complaint({{"bad.json", "{\n\"mode\": \"fix\"}"}, good}) ==
          "bad.json:2: \"/mode\": expected one of \"repair\" \"observe\", found \"fix\"");
    CHECK(complaint({good, {"bad.json", "{\n\n\"flap\": null}"}}) ==
          "bad.json:3: \"/flap\": expected an object, found null");
    CHECK(complaint({good, {"bad.json", "{\"overrides\": [{\"users\": [\"a\"]},\n{}]}"}})
              .starts_with("bad.json:2: \"/overrides/1\": an override needs"));
    CHECK(complaint({good, {"bad.json", "{"}, good}).starts_with("bad.json:1: not valid JSON"));
}
