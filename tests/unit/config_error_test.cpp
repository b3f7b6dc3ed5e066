// A configuration that cannot be used: the message names the file, the line, the place and what is
// allowed there.
#include "catch.hpp"

#include "policy/config.hpp"

#include <string>
#include <string_view>

using namespace sshpermd;
using namespace std::string_literals;

namespace {

/// What an administrator reads; nothing when the configuration can be used.
std::string complaint(std::string_view text) {
    try {
        parse_config(text, "/etc/sshpermd/sshpermd.json");
    } catch (const ConfigError& error) {
        return error.what();
    }
    return "";
}

/// The complaint without the file's name.
std::string brief(std::string_view text) {
    const auto whole = complaint(text);
    constexpr std::string_view file = "/etc/sshpermd/sshpermd.json:";
    return whole.starts_with(file) ? whole.substr(file.size()) : whole;
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

} // namespace

TEST_CASE("a misspelt key is named with its line, its place and the nearest known one",
          "[config]") {
    CHECK(complaint("{\n  \"polcy\": {}\n}") ==
          "/etc/sshpermd/sshpermd.json:2: \"/polcy\": unknown key; did you mean \"policy\"? Known "
          "here: mode home_roots users policy overrides authorized_keys_files "
          "private_keys client_config on_exposed rescan_interval poll_interval flap socket "
          "log_level");
    CHECK(
        complaint("{\"policy\": {\n\"home\": {\n\n\"mod\": \"0700\"}}}") ==
        "/etc/sshpermd/sshpermd.json:4: \"/policy/home/mod\": unknown key; did you mean \"mode\"? "
        "Known here: mode accept");
}

TEST_CASE("an unknown key that resembles nothing is answered with what is known", "[config]") {
    CHECK(brief("{\"flap\": {\"colour\": 1}}") ==
          "1: \"/flap/colour\": unknown key. Known here: burst window max_delay");
}

TEST_CASE("unknown keys are found in every object", "[config]") {
    const auto text = GENERATE("{\"x\": 1}", "{\"users\": {\"x\": 1}}", "{\"policy\": {\"x\": 1}}",
                               "{\"policy\": {\"home_root\": {\"x\": 1}}}",
                               "{\"policy\": {\"home\": {\"x\": 1}}}",
                               "{\"policy\": {\"ssh_dir\": {\"ignore\": true}}}",
                               "{\"policy\": {\"authorized_keys\": {\"owner\": \"root\"}}}",
                               "{\"overrides\": [{\"users\": [\"a\"], \"x\": 1}]}",
                               "{\"overrides\": [{\"users\": [\"a\"], \"home\": {\"x\": 1}}]}",
                               "{\"overrides\": [{\"users\": [\"a\"], \"home_root\": {}}]}",
                               "{\"flap\": {\"x\": 1}}", "{\"\": 1}", "{\"Mode\": \"repair\"}");

    INFO(text);
    CHECK(contains(brief(text), "unknown key"));
}

TEST_CASE("a key that comes twice is named with both lines", "[config]") {
    CHECK(complaint("{\n\"mode\": \"repair\",\n\n\"mode\": \"observe\"\n}") ==
          "/etc/sshpermd/sshpermd.json:4: \"/mode\": this key comes twice, first on line 2; remove "
          "one of the two");
    CHECK(brief("{\"users\": {\"exclude\": [\n],\n\"exclude\": []}}") ==
          "3: \"/users/exclude\": this key comes twice, first on line 1; remove one of the two");
    CHECK(
        brief("{\"overrides\": [{\"users\": [\"a\"]},\n{\"users\": [\"b\"], \"users\": []}]}") ==
        "2: \"/overrides/1/users\": this key comes twice, first on line 2; remove one of the two");
}

TEST_CASE("a mode that is a number, or no octal digits, is answered with an example", "[config]") {
    const std::string expected =
        "2: \"/policy/home/mode\": expected a mode as a string of octal digits such as \"0700\", "
        "found ";
    const auto mode = [](const std::string& value) {
        return brief("{\"policy\": {\"home\": {\n\"mode\": " + value + "}}}");
    };

    CHECK(mode("700") == expected + "700; write it as \"0700\"");
    CHECK(mode("448") == expected + "448");
    CHECK(mode("\"700x\"") == expected + "\"700x\"");
    CHECK(mode("\"u=rwx\"") == expected + "\"u=rwx\"");
    CHECK(mode("\"0800\"") == expected + "\"0800\"");
    CHECK(mode("\"07000\"") == expected + "\"07000\"");
    CHECK(mode("null") == expected + "null");
    CHECK(mode("[\"0700\"]") == expected + "[\"0700\"]");
}

TEST_CASE("a mode with which sshd would refuse the keys cannot be the policy", "[config]") {
    const auto mode = [](const std::string& target, const std::string& value) {
        return brief("{\"policy\": {\"" + target + "\": {\"mode\": \"" + value + "\"}}}");
    };

    CHECK(mode("home", "0777") ==
          "1: \"/policy/home/mode\": sshd refuses what group or others may write; without "
          "those bits it is \"0755\"");
    for (const auto* const target : {"home", "ssh_dir", "authorized_keys"})
        for (const auto* const open : {"0702", "0720", "0722", "0666"})
            CHECK(contains(mode(target, open), "sshd refuses what group or others may write"));
    CHECK(mode("ssh_dir", "0600") ==
          "1: \"/policy/ssh_dir/mode\": sshd could not read the keys: the owner needs at least "
          "0500");
    CHECK(contains(mode("home", "0300"), "needs at least 0500"));
    CHECK(mode("authorized_keys", "0200") ==
          "1: \"/policy/authorized_keys/mode\": sshd could not read the keys: the owner needs at "
          "least 0400");
    CHECK(mode("authorized_keys", "0400").empty());
    CHECK(mode("home", "0500").empty());
}

TEST_CASE("a home root must be closed to writers and open to passers-by", "[config]") {
    const auto mode = [](const std::string& value) {
        return brief("{\"policy\": {\"home_root\": {\"mode\": \"" + value + "\"}}}");
    };

    CHECK(mode("0775") == "1: \"/policy/home_root/mode\": nothing below a home root that others "
                          "may write can be repaired safely; without those bits it is \"0755\"");
    CHECK(mode("1777") == mode("0775"));
    CHECK(mode("0750") == "1: \"/policy/home_root/mode\": accounts could not reach their homes: "
                          "others need to search it (0001)");
    CHECK(mode("0711").empty());
    CHECK(mode("0001").empty());
}

TEST_CASE("a home root belongs to root", "[config]") {
    CHECK(brief("{\"policy\": {\"home_root\": {\"owner\": \"admin\"}}}") ==
          "1: \"/policy/home_root/owner\": a home root belongs to root: whoever owns it can "
          "replace every home");
    CHECK(contains(brief("{\"policy\": {\"home_root\": {\"owner\": 0}}}"), "belongs to root"));
    CHECK(contains(brief("{\"policy\": {\"home_root\": {\"group\": 0}}}"),
                   "expected the name of a group, found 0"));
}

TEST_CASE("a mode that everybody may write is never accepted", "[config]") {
    CHECK(brief("{\"policy\": {\"home\": {\"accept\": [\"0755\",\n\"0777\"]}}}") ==
          "2: \"/policy/home/accept/1\": a mode that everybody may write cannot be accepted");
    CHECK(contains(brief("{\"policy\": {\"home_root\": {\"accept\": [\"1777\"]}}}"),
                   "everybody may write"));
    CHECK(contains(
        brief("{\"overrides\": [{\"users\": [\"a\"], \"ssh_dir\": {\"accept\": [\"0702\"]}}]}"),
        "\"/overrides/0/ssh_dir/accept/0\": a mode that everybody may write"));
}

TEST_CASE("a mode that ssh would refuse is not accepted for what is the client's", "[config]") {
    const auto accept = [](const std::string& target, const std::string& mode) {
        return brief("{\"policy\": {\"" + target + "\": {\"accept\": [\"" + mode + "\"]}}}");
    };

    CHECK(accept("private_key", "0640") ==
          "1: \"/policy/private_key/accept/0\": ssh refuses a private key that group or others "
          "have any right to; without those bits it is \"0600\"");
    CHECK(accept("private_key", "0500").empty());
    CHECK(accept("ssh_config", "0664") ==
          "1: \"/policy/ssh_config/accept/0\": ssh refuses a configuration that group or others "
          "may write; without those bits it is \"0644\"");
    CHECK(accept("ssh_config", "0644").empty());
    CHECK(accept("ssh_config", "0200") ==
          "1: \"/policy/ssh_config/accept/0\": ssh could not read it: the owner needs at least "
          "0400");
}

TEST_CASE("sshd has no opinion on a home root", "[config]") {
    CHECK(brief("{\"policy\": {\"home_root\": {\"accept\": [\"sshd\"]}}}") ==
          "1: \"/policy/home_root/accept/0\": sshd does not check a home root: list modes here");
}

TEST_CASE("a wrong type is answered with what is allowed and what was found", "[config]") {
    CHECK(brief("{\"rescan_interval\": 300}") ==
          "1: \"/rescan_interval\": expected a duration such as \"5m\" (ms, s, m or h), found 300");
    CHECK(brief("{\"mode\": \"Repair\"}") ==
          "1: \"/mode\": expected one of \"repair\" \"observe\", found \"Repair\"");
    CHECK(brief("{\"log_level\": \"warn\"}") == "1: \"/log_level\": expected one of \"debug\" "
                                                "\"info\" \"warning\" \"error\", found \"warn\"");
    CHECK(brief("{\"users\": {\"root\": \"yes\"}}") ==
          "1: \"/users/root\": expected true or false, found \"yes\"");
    CHECK(brief("{\"users\": {\"exclude\": \"git\"}}") ==
          "1: \"/users/exclude\": expected a list of user names or globs such as [\"web*\"], found "
          "\"git\"");
    CHECK(brief("{\"users\": {\"include\": [1000]}}") ==
          "1: \"/users/include/0\": expected a user name or a glob such as \"web*\", found 1000");
    CHECK(brief("{\"overrides\": {\"users\": [\"a\"]}}") ==
          "1: \"/overrides\": expected a list of overrides, found {\"users\":[\"a\"]}");
    CHECK(brief("{\"flap\": null}") == "1: \"/flap\": expected an object, found null");
    CHECK(brief("[]") == "1: expected an object, found []");
    CHECK(brief("\"mode\"") == "1: expected an object, found \"mode\"");
}

TEST_CASE("numbers are whole and within their bounds", "[config]") {
    const auto* const value =
        GENERATE("0", "-1", "1001", "1.5", "1e2", "18446744073709551616", "\"3\"", "true", "null");

    CHECK(contains(brief("{\"flap\": {\"burst\": "s + value + "}}"),
                   "1: \"/flap/burst\": expected a whole number from 1 to 1000, found "));
}

TEST_CASE("min_uid is a uid, neither root's nor nobody's", "[config]") {
    const auto* const value = GENERATE("0", "-5", "4294967294", "4294967296", "\"1000\"", "[]");

    CHECK(contains(brief("{\"users\": {\"min_uid\": "s + value + "}}"),
                   "expected a whole number from 1 to 4294967293, found "));
}

TEST_CASE("a duration needs a whole number and a known unit", "[config]") {
    const auto* const value =
        GENERATE("", "5", "m", "5 m", " 5m", "5m ", "-5m", "+5m", "5.5m", "5min", "5M", "1e3s",
                 "99999999999999999999s", "0x10s", "5d", "1000000001s");

    INFO(value);
    CHECK(contains(brief("{\"rescan_interval\": \""s + value + "\"}"),
                   "expected a duration such as \"5m\" (ms, s, m or h), found "));
}

TEST_CASE("a duration is within its bounds", "[config]") {
    const auto* const text =
        GENERATE("{\"rescan_interval\": \"29s\"}", "{\"rescan_interval\": \"25h\"}",
                 "{\"rescan_interval\": \"0s\"}", "{\"poll_interval\": \"999ms\"}",
                 "{\"poll_interval\": \"3601s\"}", "{\"flap\": {\"window\": \"999ms\"}}",
                 "{\"flap\": {\"window\": \"61m\"}}", "{\"flap\": {\"max_delay\": \"99ms\"}}",
                 "{\"flap\": {\"max_delay\": \"61s\"}}", "{\"rescan_interval\": \"1000000000h\"}");

    INFO(text);
    CHECK(contains(brief(text), "must be between "));
}

TEST_CASE("the bounds of a duration are exact, and said in the largest unit that is whole",
          "[config]") {
    struct Bounds {
        std::string before, after; // of the value in the document
        std::string place;
        long least, most; // milliseconds
        std::string said;
    };
    const auto bounds = GENERATE(
        Bounds{"{\"rescan_interval\": \"", "\"}", "/rescan_interval", 30'000, 86'400'000,
               "30s and 24h"},
        Bounds{"{\"poll_interval\": \"", "\"}", "/poll_interval", 1000, 3'600'000, "1s and 1h"},
        Bounds{"{\"flap\": {\"window\": \"", "\"}}", "/flap/window", 1000, 3'600'000, "1s and 1h"},
        Bounds{"{\"flap\": {\"max_delay\": \"", "\"}}", "/flap/max_delay", 100, 60'000,
               "100ms and 60s"});
    const auto answer = [&](long ms) {
        return brief(bounds.before + std::to_string(ms) + "ms" + bounds.after);
    };
    const auto refusal = [&](long ms) {
        return "1: \"" + bounds.place + "\": must be between " + bounds.said + ", found \"" +
               std::to_string(ms) + "ms\"";
    };

    CHECK(answer(bounds.least).empty());
    CHECK(answer(bounds.most).empty());
    CHECK(answer(bounds.least - 1) == refusal(bounds.least - 1));
    CHECK(answer(bounds.most + 1) == refusal(bounds.most + 1));
}

TEST_CASE("a socket has a short absolute path and the name of a group", "[config]") {
    const auto path = [](const std::string& text) {
        return brief("{\"socket\": {\"path\": \"" + text + "\"}}");
    };

    CHECK(path("/" + std::string(106, 's')).empty());
    CHECK(contains(path("/" + std::string(107, 's')),
                   "1: \"/socket/path\": expected an absolute path of at most 107 bytes"));
    for (const auto* const wrong : {"", "run/s", "/", "/run/../s", "/run//s", "/run/./s"})
        CHECK(contains(path(wrong), "expected an absolute path of at most 107 bytes"));
    CHECK(brief("{\"socket\": {\"group\": \"\"}}") ==
          "1: \"/socket/group\": expected the name of a group; \"root\" lets nobody but root ask");
}

TEST_CASE("an override says whom it is for", "[config]") {
    const auto expected =
        "2: \"/overrides/0\": an override needs \"users\": a list of names or globs"s;

    CHECK(brief("{\"overrides\": [\n{\"home\": {\"mode\": \"0711\"}}]}") == expected);
    CHECK(brief("{\"overrides\": [\n{\"users\": []}]}") == expected);
    CHECK(brief("{\"overrides\": [{\"users\": [\"a\", \"\"]}]}") ==
          "1: \"/overrides/0/users/1\": an empty name matches nobody");
}

TEST_CASE("home roots are absolute paths below /", "[config]") {
    const auto root = GENERATE("", "home", "./home", "/", "//", "//home", "/home//people",
                               "/./home", "/home/.", "/home/../srv", "/..", "/home\\u0000");

    INFO(root);
    CHECK(contains(brief("{\"home_roots\": [\"/ok\", \""s + root + "\"]}"),
                   "1: \"/home_roots/1\": expected an absolute path such as \"/home\", found "));
}

TEST_CASE("home roots are listed once, and there is one", "[config]") {
    CHECK(brief("{\"home_roots\": [\"/home\",\n\"/home/\"]}") ==
          "2: \"/home_roots/1\": this home root is listed twice");
    CHECK(brief("{\"home_roots\": []}") ==
          "1: \"/home_roots\": without a home root there is nothing to protect");
    CHECK(contains(brief("{\"home_roots\": \"/home\"}"), "expected a list of directories"));
}

TEST_CASE("key files are directly in .ssh", "[config]") {
    const auto file = GENERATE("", "authorized_keys", ".ssh", ".ssh/", ".ssh/.", ".ssh/..",
                               ".ssh/a/b", "/srv/keys/%u", "~/.ssh/keys", ".ssh//keys",
                               ".ssh/../.profile", ".ssh/keys\\u0000");

    INFO(file);
    CHECK(contains(brief("{\"authorized_keys_files\": [\""s + file + "\"]}"),
                   "1: \"/authorized_keys_files/0\": expected a file directly in .ssh such as "
                   "\".ssh/authorized_keys\", found "));
}

TEST_CASE("there are one to eight key files, each listed once", "[config]") {
    std::string eight;
    for (int i = 0; i < 8; ++i)
        eight += (i == 0 ? "\".ssh/k" : ", \".ssh/k") + std::to_string(i) + "\"";

    CHECK(brief("{\"authorized_keys_files\": [" + eight + "]}").empty());
    CHECK(brief("{\"authorized_keys_files\": [" + eight + ", \".ssh/k8\"]}") ==
          "1: \"/authorized_keys_files\": list one to eight key files");
    CHECK(contains(brief("{\"authorized_keys_files\": []}"), "list one to eight key files"));
    CHECK(contains(brief("{\"authorized_keys_files\": [\".ssh/k\", \".ssh/k\"]}"),
                   "\"/authorized_keys_files/1\": this file is listed twice"));
    CHECK(brief("{\"authorized_keys_files\": [\".ssh/" + std::string(255, 'k') + "\"]}").empty());
    CHECK(contains(brief("{\"authorized_keys_files\": [\".ssh/" + std::string(256, 'k') + "\"]}"),
                   "expected a file directly in .ssh"));
}

TEST_CASE("a text that is not JSON is refused on the line where it goes wrong", "[config]") {
    struct Mistake {
        std::string_view text;
        std::string_view line;
    };
    const auto mistake = GENERATE(
        Mistake{"", "1: "}, Mistake{" \n\n", "3: "}, Mistake{"{\n", "2: "},
        Mistake{"{\n}\n{}", "3: "}, Mistake{"{}\n\n x", "3: "},
        Mistake{"{\n\"mode\": \"repair\"\n\"flap\": {}}", "3: "},
        Mistake{"{\n\"mode\": \"repair\",\n}", "3: "}, Mistake{"{\n'mode': 1}", "2: "},
        Mistake{"{\n\"policy\": {\"home\": {\"mode\": 0700}}}", "2: "},
        Mistake{"{\n\"mode\": \"repa\xff\"}", "2: "},
        Mistake{"\n{\"mode\": \"\xed\xa0\x80\"}", "2: "},
        Mistake{"{\n\"flap\": {\"burst\": 1e99999}}", "2: "}, Mistake{"{ /* open\n", "2: "},
        Mistake{"{\n\"mode\": \"\\x\"}", "2: "}, Mistake{"mode = repair\n", "1: "});

    const auto said = brief(mistake.text);

    INFO(mistake.text << "\n" << said);
    CHECK(said.starts_with(mistake.line));
    CHECK(contains(said, "not valid JSON"));
}

TEST_CASE("a message stays in printable ASCII, whatever the file holds", "[config]") {
    const auto text = GENERATE("{\"mode\": \"repa\xff\"}", "{\"\xe2\x80\xae\": 1}", "{\xc2\x9b}",
                               "{\"a\\u001b[2J\\n\": 1}", "{\"mode\": \"\\u009b\\u202e\"}",
                               "{\"mode\": \"\xc2\x9b\x01\"}", "\x1b[2J");

    const auto said = complaint(text);

    REQUIRE(!said.empty());
    for (const char c : said) {
        INFO(said);
        CHECK((c >= ' ' && c <= '~'));
        if (c < ' ' || c > '~')
            break;
    }
}

TEST_CASE("a long wrong value is shown in part", "[config]") {
    const auto said = brief("{\"mode\": \"" + std::string(5000, 'x') + "\"}");

    CHECK(contains(said, "found \"xxx"));
    CHECK(said.ends_with("..."));
    CHECK(said.size() < 150);

    const std::string read = "\"a ~b " + std::string(50, 'x') + "\\q";
    CHECK(brief("{\"mode\": " + read + "\"}") ==
          "1: not valid JSON: syntax error while parsing value - invalid string: forbidden "
          "character after backslash; last read: '" +
              read + "' (near \"\\\"" + read.substr(1, 39) + "\")");

    const std::string longest(38, 'x'); // 40 with its quotes
    CHECK(brief("{\"mode\": \"" + longest + "\"}").ends_with(", found \"" + longest + "\""));
    CHECK(brief("{\"mode\": \"" + longest + "x\"}")
              .ends_with(", found \"" + longest.substr(2) + "..."));
}

TEST_CASE("nesting that no configuration needs is refused", "[config]") {
    const auto nested = [](std::size_t depth) {
        return "{\"policy\": " + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
    };

    CHECK(contains(brief(nested(16)), "expected an object"));
    CHECK(contains(brief(nested(17)), "nested deeper than any configuration is"));
    CHECK(contains(brief(std::string(1'000'000, '[')), "nested deeper"));
}

TEST_CASE("a line is that of the value, also when a number is the last thing on it", "[config]") {
    CHECK(brief("{\"flap\": {\n\"burst\": 0\n}}").starts_with("2: \"/flap/burst\""));
    CHECK(brief("{\"users\": {\"include\": [\n\"a\",\n12\n]}}")
              .starts_with("3: \"/users/include/1\""));
    CHECK(
        brief("{\"users\": {\"include\": [\n12,\n13\n]}}").starts_with("2: \"/users/include/0\""));
    CHECK(brief("{\"users\": {\"include\": [\n\"a\",\ntrue\n]}}")
              .starts_with("3: \"/users/include/1\""));
}

TEST_CASE("a key with slashes and tildes is named by its JSON pointer", "[config]") {
    CHECK(brief("{\"a/b~c\": 1}").starts_with("1: \"/a~1b~0c\": unknown key"));
}
