// Log words: what sshd said of a user, and the documents that say the same.
#include "catch.hpp"
#include "explain/log_words.hpp"
#include "explain/login_check.hpp"
#include "explain/session_manager.hpp"

#include <fstream>
#include <iterator>
#include <string>

namespace {

using namespace sshpermd;

constexpr std::int64_t second = 1'000'000;

TEST_CASE("a line that names nobody belongs to the user whom its process names", "[log_words]") {
    const std::vector<LogLine> lines{
        {1 * second, 7, "Authentication refused: bad ownership or modes for directory /home/alice"},
        {2 * second, 7, "Connection closed by authenticating user alice 10.0.0.1 port 1 [preauth]"},
        {3 * second, 8, "Authentication refused: bad ownership or modes for directory /home/bob"},
        {4 * second, 8, "Connection closed by authenticating user bob 10.0.0.1 port 2 [preauth]"}};

    const auto told = told_about("alice", lines);

    REQUIRE(told.size() == 2);
    CHECK(told[0].last.pid == 7);
    CHECK(told[1].last.text.ends_with("/home/alice"));
    CHECK(told[1].fix == "sshpermctl repair alice");
}

TEST_CASE("the same is told once, with how often it was said", "[log_words]") {
    const std::vector<LogLine> lines{{1 * second, 7, "Invalid user alice from 10.0.0.1 port 1"},
                                     {9 * second, 9, "Invalid user alice from 10.0.0.1 port 2"}};

    const auto told = told_about("alice", lines);

    REQUIRE(told.size() == 1);
    CHECK(told[0].count == 2);
    CHECK(told[0].last.pid == 9);
}

TEST_CASE("a name that only begins like the user's is another user's", "[log_words]") {
    const std::vector<LogLine> lines{{1, 7, "Invalid user alice2 from 10.0.0.1 port 1"},
                                     {2, 8, "User malice not allowed because account is locked"}};

    CHECK(told_about("alice", lines).empty());
}

TEST_CASE("a process with a number that was another's long ago is not that one", "[log_words]") {
    const std::vector<LogLine> lines{
        {1 * second, 7, "Connection closed by authenticating user alice 10.0.0.1 port 1"},
        {9'000 * second, 7, "ROOT LOGIN REFUSED FROM 10.0.0.1 port 1"}};

    CHECK(told_about("alice", lines).size() == 1);
}

TEST_CASE("the last complaint of the agent is found", "[log_words]") {
    CHECK(last_error("a\n2026 ERROR one\n2026 INFO fine\n2026 ERROR two\nINFO\n") ==
          "2026 ERROR two");
    CHECK(last_error("2026 INFO fine\n").empty());
}

TEST_CASE("docs/symptoms.md has every line that is explained", "[log_words]") {
    std::ifstream file{SSHPERMD_DOCS "/symptoms.md"};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    for (const auto& word : log_words()) {
        INFO(word.part);
        CHECK(text.find(word.part) != std::string::npos);
    }
    for (const auto& word : agent_words()) {
        INFO(word.part);
        CHECK(text.find(word.part) != std::string::npos);
    }
}

LoginCheck check(const std::string& id, CheckResult result, Weight weight = Weight::decides) {
    return {id, result, weight, "", "", ""};
}

TEST_CASE("one refusal outweighs what cannot be told", "[login_check]") {
    const std::vector<LoginCheck> checks{check("pam", CheckResult::unknown),
                                         check("shell", CheckResult::fail)};

    CHECK(verdict_of(checks) == LoginVerdict::refused);
    CHECK(first_cause(checks)->id == "shell");
}

TEST_CASE("a refused file decides nothing, and explains why no key was found", "[login_check]") {
    std::vector<LoginCheck> checks{check("account", CheckResult::pass),
                                   check("key_file", CheckResult::fail, Weight::explains),
                                   check("key", CheckResult::pass)};

    CHECK(verdict_of(checks) == LoginVerdict::accepted);
    CHECK(first_cause(checks) == nullptr);
    checks.back().result = CheckResult::fail;
    CHECK(verdict_of(checks) == LoginVerdict::refused);
    CHECK(first_cause(checks)->id == "key_file");
}

TEST_CASE("what decides nothing refuses nobody", "[login_check]") {
    CHECK(verdict_of({check("disk", CheckResult::fail, Weight::none)}) == LoginVerdict::accepted);
}

} // namespace
