// The likeliest mistakes in a configuration, and every word that is said about them: what is wrong,
// where, and what to do.
#include "catch.hpp"

#include "policy/config.hpp"

#include <string>

using namespace sshpermd;

namespace {

struct Mistake {
    std::string text;
    std::string said;
};

std::string complaint(const std::string& text) {
    try {
        parse_config(text, "/etc/sshpermd/sshpermd.json");
    } catch (const ConfigError& error) {
        return error.what();
    }
    return "nothing";
}

} // namespace

TEST_CASE("a text that is no JSON is answered with what to write instead", "[config][mistakes]") {
    const auto mistake = GENERATE(
        Mistake{"{\n  \"mode\": \"repair\",\n}\n",
                "3: not valid JSON: \"}\" comes after a comma; remove the comma of line 2"},
        Mistake{"{\n  \"mode\": \"repair\", // {\n\n  /* , \"\n */ }\n",
                "5: not valid JSON: \"}\" comes after a comma; remove the comma of line 2"},
        Mistake{"{\n  \"mode\": \"repair\",\n// {\n/*/ , */\n}\n",
                "5: not valid JSON: \"}\" comes after a comma; remove the comma of line 2"},
        Mistake{"{\n  \"mode\": \"repair\"\n// {\n,}\n",
                "4: not valid JSON: \"}\" comes after a comma; remove the comma of line 4"},
        Mistake{"{\"users\": {\"exclude\": [\"a, b\",\n]}}",
                "2: not valid JSON: \"]\" comes after a comma; remove the comma of line 1"},
        Mistake{"{\n  \"policy\": {\n    \"home\": {\"mode\": \"0700\"}\n",
                "4: not valid JSON: the file ends too early: the \"{\" of line 2 is never closed; "
                "add \"}\", or write the rest of the file"},
        Mistake{"{\"home_roots\": [\"/home\"",
                "1: not valid JSON: the file ends too early: the \"[\" of line 1 is never closed; "
                "add \"]\", or write the rest of the file"},
        Mistake{"", "1: not valid JSON: the file holds nothing; a configuration that sets nothing "
                    "is {}"},
        Mistake{"{\n  \"mode\": \"repair\"\n  \"flap\": {}\n}",
                "3: not valid JSON: a comma is missing after line 2"},
        Mistake{"{\n  \"flap\": {\"burst\": 7}\n  \"mode\": \"repair\"\n}",
                "3: not valid JSON: a comma is missing after line 2"},
        Mistake{"{\"home_roots\": [\"/home\" \"/srv\"]}",
                "1: not valid JSON: a comma is missing after line 1"},
        Mistake{"{\n  \"mode\" \"repair\"\n}",
                "2: not valid JSON: a colon is missing between a key and its value"},
        Mistake{"{\n  \"mode\": \"repair,\n  \"flap\": {}\n}",
                "2: not valid JSON: a text begins here and is not closed; end it with \""},
        Mistake{"{\n  mode: \"repair\"\n}",
                "2: not valid JSON: keys and texts stand in double quotes"},
        Mistake{"{\n  'mode': 'repair'\n}",
                "2: not valid JSON: keys and texts stand in double quotes"},
        Mistake{"{\"mode\": repair}", "1: not valid JSON: keys and texts stand in double quotes"},
        Mistake{"{\"policy\": {\"home\": {\n\"mode\": 0700}}}",
                "2: not valid JSON: a number does not begin with 0; a mode is a text: \"0700\""},
        Mistake{"{\"mode\": \"repair\"}\n}\n",
                "2: not valid JSON: there is more after the end of the document; is there a } too "
                "many before it?"},
        Mistake{"{ /* what\n", "2: not valid JSON: a comment begins with /* and is not closed; end "
                               "it with */"});

    INFO(mistake.text);
    CHECK(complaint(mistake.text) == "/etc/sshpermd/sshpermd.json:" + mistake.said);
}

TEST_CASE("a value that cannot be used is answered with what is allowed", "[config][mistakes]") {
    const std::string mode = "2: \"/policy/home/mode\": ";
    const std::string wanted =
        mode + "expected a mode as a string of octal digits such as \"0700\", found ";
    const auto mistake = GENERATE_COPY(
        Mistake{"{\"policy\": {\"home\": {\n\"mode\": 700}}}",
                wanted + "700; write it as \"0700\""},
        Mistake{"{\"policy\": {\"home\": {\n\"mode\": \"700x\"}}}", wanted + "\"700x\""},
        Mistake{"{\"policy\": {\"home\": {\n\"mode\": \"0777\"}}}",
                mode + "sshd refuses what group or others may write; without those bits it is "
                       "\"0755\""},
        Mistake{"{\n\"flap\": {\"brust\": 3}}",
                "2: \"/flap/brust\": unknown key; did you mean \"burst\"? Known here: burst "
                "window max_delay"},
        Mistake{"{\n\"flap\": {\"barnt\": 3}}",
                "2: \"/flap/barnt\": unknown key; did you mean \"burst\"? Known here: burst "
                "window max_delay"},
        Mistake{"{\n\"flap\": {\"xburstyz\": 3}}",
                "2: \"/flap/xburstyz\": unknown key. Known here: burst window max_delay"},
        Mistake{"{\n\"mode\": \"repair\",\n\"mode\": \"observe\"}",
                "3: \"/mode\": this key comes twice, first on line 2; remove one of the two"},
        Mistake{"{\n\"home_roots\": \"/home\"}",
                "2: \"/home_roots\": expected a list of directories such as [\"/home\"], found "
                "\"/home\""},
        Mistake{"{\n\"rescan_interval\": \"5 minutes\"}",
                "2: \"/rescan_interval\": expected a duration such as \"5m\" (ms, s, m or h), "
                "found \"5 minutes\""},
        Mistake{"{\n\"rescan_interval\": \"1s\"}",
                "2: \"/rescan_interval\": must be between 30s and 24h, found \"1s\""},
        Mistake{"{\n\"home_roots\": [\"home\"]}",
                "2: \"/home_roots/0\": expected an absolute path such as \"/home\", found "
                "\"home\""},
        Mistake{"{\n\"socket\": {\"path\": \"sshpermd.sock\"}}",
                "2: \"/socket/path\": expected an absolute path of at most 107 bytes such as "
                "\"/run/sshpermd/sshpermd.sock\", found \"sshpermd.sock\""});

    INFO(mistake.text);
    CHECK(complaint(mistake.text) == "/etc/sshpermd/sshpermd.json:" + mistake.said);
}
