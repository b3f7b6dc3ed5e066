// The configuration: what can be decided, and that nothing is lost in writing it out again.
#include "catch.hpp"

#include "policy/config.hpp"

#include <chrono>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

using namespace sshpermd;
using namespace std::chrono_literals;

namespace {

Config parsed(std::string_view text) { return parse_config(text, "sshpermd.json"); }

using Texts = std::vector<std::string>;
using Modes = std::vector<Mode>;

/// The examples in the manual, in order.
Texts documented_examples() {
    std::ifstream file{SSHPERMD_DOCS "/configuration.md"};
    REQUIRE(file);
    Texts examples;
    bool inside = false;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("```")) {
            inside = line == "```json";
            if (inside)
                examples.emplace_back();
        } else if (inside) {
            examples.back() += line + "\n";
        }
    }
    return examples;
}

/// Every key, none at its default.
constexpr std::string_view everything = R"(
{
  // what to do, and where
  "mode": "observe",
  "home_roots": ["/home", "/srv/people/"],
  "users": {"include": ["*", "web[0-9]"], "exclude": ["git"], "min_uid": 500, "root": true},
  "policy": {
    "home_root":       {"mode": "0711", "owner": "root", "group": "wheel", "accept": ["0755"]},
    "home":            {"mode": "0711", "accept": ["0755", "2750"]},
    "ssh_dir":         {"mode": "0500", "accept": ["sshd"]},
    "authorized_keys": {"mode": "0400", "accept": ["0644", "sshd", "640"]},
    "private_key":     {"mode": "0400", "accept": []},
    "ssh_config":      {"accept": ["0444"]}
  },
  "overrides": [
    {"users": ["web*", "app"], "home": {"mode": "0701", "accept": ["0711"]}},
    {"users": ["git"], "ssh_dir": {"ignore": true}, "authorized_keys": {"ignore": true},
     "private_key": {"ignore": true}},
    {"users": ["sftp-*"], "ignore": true}
  ],
  "authorized_keys_files": [".ssh/keys", ".ssh/authorized_keys"],
  "private_keys": true,
  "client_config": true,
  "rescan_interval": "24h",
  "poll_interval": "1s",
  "flap": {"burst": 3, "window": "1500ms", "max_delay": "250ms"},
  "socket": {"path": "/run/ask.sock", "group": "wheel"},
  "log_level": "debug" /* all of it */
}
)";

} // namespace

TEST_CASE("an empty object is the built-in configuration", "[config]") {
    const auto config = parsed("{}");

    CHECK(config == Config{});
    CHECK(config.operation == Operation::repair);
    CHECK(config.home_roots == Texts{"/home"});
    CHECK(config.users.include == Texts{"*"});
    CHECK(config.users.exclude.empty());
    CHECK(!config.users.min_uid.has_value());
    CHECK_FALSE(config.users.root);
    CHECK(config.home_root.mode == Mode{0755});
    CHECK(config.home_root_group == "root");
    CHECK(config.policy.home.mode == Mode{0700});
    CHECK(config.policy.private_key == Rule{Mode{0600}, {Mode{0400}}, false, false});
    CHECK_FALSE(config.private_keys);
    CHECK_FALSE(config.client_config);
    CHECK(config.policy.ssh_dir.mode == Mode{0700});
    CHECK(config.policy.authorized_keys.mode == Mode{0600});
    CHECK(config.overrides.empty());
    CHECK(config.key_files == Texts{"authorized_keys", "authorized_keys2"});
    CHECK(config.rescan_interval == 5min);
    CHECK(config.poll_interval == 1min);
    CHECK(config.flap.burst == 10);
    CHECK(config.flap.window == 1min);
    CHECK(config.flap.max_delay == 5s);
    CHECK(config.socket.path == "/run/sshpermd/sshpermd.sock");
    CHECK(config.socket.group == "sshperm");
    CHECK(config.log_level == "info");
}

TEST_CASE("every key is read", "[config]") {
    const auto config = parsed(everything);

    CHECK(config.operation == Operation::observe);
    CHECK(config.home_roots == Texts{"/home", "/srv/people"});
    CHECK(config.users.include == Texts{"*", "web[0-9]"});
    CHECK(config.users.exclude == Texts{"git"});
    CHECK(config.users.min_uid == 500);
    CHECK(config.users.root);
    CHECK(config.home_root == Rule{Mode{0711}, {Mode{0755}}, false, false});
    CHECK(config.home_root_group == "wheel");
    CHECK(config.policy.home == Rule{Mode{0711}, {Mode{0755}, Mode{02750}}, false, false});
    CHECK(config.policy.ssh_dir == Rule{Mode{0500}, {}, true, false});
    CHECK(config.policy.authorized_keys == Rule{Mode{0400}, {Mode{0644}, Mode{0640}}, true, false});
    CHECK(config.policy.private_key == Rule{Mode{0400}, {}, false, false});
    CHECK(config.policy.ssh_config == Rule{Mode{0600}, {Mode{0444}}, false, false});
    CHECK(config.private_keys);
    CHECK(config.client_config);
    CHECK_FALSE(config.policy.ignore);
    CHECK(config.key_files == Texts{"keys", "authorized_keys"});
    CHECK(config.rescan_interval == 24h);
    CHECK(config.poll_interval == 1s);
    CHECK(config.flap.burst == 3);
    CHECK(config.flap.window == 1500ms);
    CHECK(config.flap.max_delay == 250ms);
    CHECK(config.socket == Config::Socket{"/run/ask.sock", "wheel"});
    CHECK(config.log_level == "debug");

    REQUIRE(config.overrides.size() == 3);
    CHECK(config.overrides[0].users == Texts{"web*", "app"});
    CHECK(config.overrides[0].policy.home == Rule{Mode{0701}, {Mode{0711}}, false, false});
    CHECK(config.overrides[1].policy.ssh_dir.ignore);
    CHECK(config.overrides[1].policy.authorized_keys.ignore);
    CHECK(config.overrides[1].policy.private_key.ignore);
    CHECK_FALSE(config.overrides[1].policy.ssh_config.ignore);
    CHECK_FALSE(config.overrides[1].policy.home.ignore);
    CHECK_FALSE(config.overrides[1].policy.ignore);
    CHECK(config.overrides[2].policy.ignore);
}

TEST_CASE("each mode of operation and each log level is read", "[config]") {
    CHECK(parsed(R"({"mode": "repair"})").operation == Operation::repair);
    CHECK(parsed(R"({"mode": "observe"})").operation == Operation::observe);
    for (const std::string level : {"debug", "info", "warning", "error"})
        CHECK(parsed(R"({"log_level": ")" + level + "\"}").log_level == level);
}

TEST_CASE("min_uid may be null, which leaves it to login.defs", "[config]") {
    CHECK(!parsed(R"({"users": {"min_uid": null}})").users.min_uid.has_value());
    CHECK(parsed(R"({"users": {"min_uid": 1}})").users.min_uid == 1);
    CHECK(parsed(R"({"users": {"min_uid": 4294967293}})").users.min_uid == 4'294'967'293);
}

TEST_CASE("durations are read in milliseconds, seconds, minutes and hours", "[config]") {
    const auto rescan = [](const std::string& text) {
        return parsed(R"({"rescan_interval": ")" + text + "\"}").rescan_interval;
    };
    CHECK(rescan("30000ms") == 30s);
    CHECK(rescan("30s") == 30s);
    CHECK(rescan("5m") == 5min);
    CHECK(rescan("24h") == 24h);
    CHECK(parsed(R"({"flap": {"max_delay": "100ms"}})").flap.max_delay == 100ms);
    CHECK(parsed(R"({"flap": {"max_delay": "60s"}})").flap.max_delay == 60s);
    CHECK(parsed(R"({"flap": {"window": "1h"}})").flap.window == 1h);
    CHECK(parsed(R"({"poll_interval": "1h"})").poll_interval == 1h);
}

TEST_CASE("comments, a byte order mark and blank space do not matter", "[config]") {
    CHECK(parsed("// a\n{ /* b \n */ \"mode\": // c\n \"observe\" } // d").operation ==
          Operation::observe);
    CHECK(parsed("\xef\xbb\xbf{\"mode\": \"observe\"}").operation == Operation::observe);
    CHECK(parsed("\r\n\t {}\r\n\n ") == Config{});
}

TEST_CASE("an override is laid over the general policy", "[config]") {
    const auto config = parsed(R"({
        "policy": {"home": {"mode": "0711", "accept": ["0755"]},
                   "authorized_keys": {"accept": ["sshd"]}},
        "overrides": [{"users": ["a"], "ssh_dir": {"mode": "0500"}},
                      {"users": ["b"], "home": {"accept": []},
                       "authorized_keys": {"accept": ["0644"]}}]})");

    const auto& a = config.policy_for("a");
    CHECK(a.home == Rule{Mode{0711}, {Mode{0755}}, false, false});
    CHECK(a.ssh_dir.mode == Mode{0500});
    CHECK(a.authorized_keys == config.policy.authorized_keys);
    const auto& b = config.policy_for("b");
    CHECK(b.home == Rule{Mode{0711}, {}, false, false});
    CHECK(b.authorized_keys == Rule{Mode{0600}, {Mode{0644}}, false, false});
    CHECK(b.ssh_dir.mode == Mode{0700});
}

TEST_CASE("the order of the keys in the file does not matter", "[config]") {
    const auto policy_first = parsed(R"({
        "policy": {"home": {"mode": "0711"}},
        "overrides": [{"users": ["a"], "ssh_dir": {"accept": ["0755"]}}]})");
    const auto overrides_first = parsed(R"({
        "overrides": [{"ssh_dir": {"accept": ["0755"]}, "users": ["a"]}],
        "policy": {"home": {"mode": "0711"}}})");

    CHECK(policy_first == overrides_first);
    CHECK(overrides_first.policy_for("a").home.mode == Mode{0711});
}

TEST_CASE("of the overrides the first match decides, alone", "[config]") {
    const auto config = parsed(R"({"overrides": [
        {"users": ["web1", "db"], "home": {"mode": "0711"}},
        {"users": ["web*"], "home": {"mode": "0750"}, "ssh_dir": {"mode": "0500"}},
        {"users": ["*"], "ignore": true}]})");

    CHECK(config.policy_for("web1").home.mode == Mode{0711});
    CHECK(config.policy_for("web1").ssh_dir.mode == Mode{0700});
    CHECK(config.policy_for("web2").home.mode == Mode{0750});
    CHECK(config.policy_for("db").home.mode == Mode{0711});
    CHECK(config.policy_for("alice").ignore);
    CHECK(config.includes("web2"));
    CHECK_FALSE(config.includes("alice"));
}

TEST_CASE("each target of an account has the rule of its name", "[config]") {
    const auto& policy = parsed(everything).policy;

    CHECK(policy.rule(Target::home) == policy.home);
    CHECK(policy.rule(Target::ssh_dir) == policy.ssh_dir);
    CHECK(policy.rule(Target::authorized_keys) == policy.authorized_keys);
    CHECK(policy.rule(Target::private_key) == policy.private_key);
    CHECK(policy.rule(Target::ssh_config) == policy.ssh_config);
}

TEST_CASE("written out and read again, a configuration is the same", "[config]") {
    const auto text = GENERATE(
        std::string{"{}"}, std::string{everything}, std::string{R"({"users": {"include": []}})"},
        std::string{R"({"users": {"exclude": ["\"\\\u001b\n\u00e9\ud83d\ude00*"]}})"},
        std::string{R"({"policy": {"home_root": {"group": "domain users"}}})"},
        std::string{R"({"flap": {"window": "61001ms"}, "rescan_interval": "90m"})"});
    const auto config = parsed(text);

    const auto written = to_text(config);

    INFO(written);
    CHECK(parsed(written) == config);
    CHECK(to_text(parsed(written)) == written);
}

TEST_CASE("a configuration is written out in full and in ASCII", "[config]") {
    const auto text = to_text(parsed(R"({"users": {"include": ["caf\u00e9"]}})"));

    for (const auto key : {"mode",
                           "home_roots",
                           "users",
                           "include",
                           "exclude",
                           "min_uid",
                           "root",
                           "policy",
                           "home_root",
                           "owner",
                           "group",
                           "home",
                           "ssh_dir",
                           "authorized_keys",
                           "accept",
                           "overrides",
                           "authorized_keys_files",
                           "rescan_interval",
                           "poll_interval",
                           "flap",
                           "burst",
                           "window",
                           "max_delay",
                           "socket",
                           "path",
                           "log_level"}) {
        INFO(key);
        CHECK(text.find('"' + std::string{key} + '"') != std::string::npos);
    }
    for (const char c : text)
        REQUIRE(static_cast<unsigned char>(c) < 0x80);
}

TEST_CASE("the manual shows the built-in configuration, and examples that can be used",
          "[config]") {
    const auto examples = documented_examples();

    REQUIRE(examples.size() >= 2);
    CHECK(parsed(examples[0]) == Config{});
    for (const auto& example : examples)
        CHECK_NOTHROW(parsed(example));
}

TEST_CASE("whatever is cut off or garbled, a file is read or refused with its name", "[config]") {
    const auto is_read_or_refused = [](const std::string& text) {
        try {
            parsed(text);
            return true;
        } catch (const ConfigError& error) {
            return std::string_view{error.what()}.starts_with("sshpermd.json:");
        }
    };
    const std::string whole{everything};

    for (std::size_t size = 0; size < whole.size(); ++size)
        REQUIRE(is_read_or_refused(whole.substr(0, size)));
    for (std::size_t at = 0; at < whole.size(); ++at)
        for (const char c : {'\0', '"', '}', '9', '\xff'}) {
            auto garbled = whole;
            garbled[at] = c;
            INFO("byte " << at << " is now " << static_cast<int>(c));
            REQUIRE(is_read_or_refused(garbled));
        }
}
