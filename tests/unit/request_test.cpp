// Requests read strictly, and the check that comes back.
#include "catch.hpp"
#include "event/check_json.hpp"
#include "reconcile/request.hpp"

#include <string>

using namespace sshpermd;

namespace {

const std::string hash = "SHA256:" + std::string(43, 'a');

std::string refusal_of_repair(const std::string& text) {
    try {
        parse_repair_request(text);
    } catch (const RequestError& error) {
        return error.what();
    }
    return {};
}

TEST_CASE("a request without a word asks for everybody", "[request]") {
    CHECK(parse_repair_request("") == RepairRequest{});
    CHECK(parse_repair_request("{}") == RepairRequest{});
    CHECK(parse_forget_request("{}") == ForgetRequest{});
}

TEST_CASE("a request is read as it was written", "[request]") {
    const RepairRequest request{{"alice"}, true, hash};

    CHECK(parse_repair_request(to_json(request)) == request);
    CHECK(parse_forget_request(to_json(ForgetRequest{{"alice", "bob"}})) ==
          ForgetRequest{{"alice", "bob"}});
    CHECK(parse_repair_request(R"({"users":["bob","alice","bob"],"trust_content":null})").users ==
          std::vector<std::string>{"bob", "alice"});
}

TEST_CASE("what is no request is refused with what is allowed", "[request]") {
    struct Bad {
        std::string text;
        std::string word;
    };
    const std::vector<Bad> all{
        {"[]", "object"},
        {"7", "object"},
        {"{\"users\"", "JSON"},
        {"{} {}", "JSON"},
        {R"({"user":["alice"]})", "\"users\""},
        {R"({"users":["alice"],"users":[]})", "twice"},
        {R"({"users":"alice"})", "list"},
        {R"({"users":null})", "list"},
        {R"({"users":[7]})", "list"},
        {R"({"users":[""]})", "255"},
        {R"({"users":["a\u0000b"]})", "NUL"},
        {R"({"users":[")" + std::string(256, 'a') + R"("]})", "255"},
        {R"({"users":["alice"],"take_ownership":1})", "true or false"},
        {R"({"take_ownership":true})", "\"users\""},
        {R"({"users":["alice"],"trust_content":"SHA256:short"})", "SHA256:"},
        {R"({"users":["alice","bob"],"trust_content":")" + hash + R"("})", "exactly one"},
        {R"({"trust_content":")" + hash + R"("})", "exactly one"},
        {R"({"users":)" + std::string(17, '[') + std::string(17, ']') + "}", "nested"},
        {"{\"users\":[\"" + std::string(9000, 'a') + "\"]}", "8192"},
        {"{\"\xff\":1}", "JSON"},
    };

    for (const auto& bad : all) {
        const auto refusal = refusal_of_repair(bad.text);
        INFO(bad.text.substr(0, 80) << "\n" << refusal);
        CHECK(refusal.find(bad.word) != std::string::npos);
    }
    CHECK_THROWS_AS(parse_forget_request(R"({"take_ownership":true})"), RequestError);
}

TEST_CASE("a content hash is what ssh-keygen or sha256sum prints, with its prefix", "[request]") {
    CHECK(is_content_hash(hash));
    CHECK(is_content_hash("SHA256:" + std::string(64, 'F')));
    CHECK_FALSE(is_content_hash(std::string(64, 'F')));
    CHECK_FALSE(is_content_hash("SHA256:" + std::string(64, 'g')));
    CHECK_FALSE(is_content_hash("SHA256:" + std::string(42, 'a')));
    CHECK_FALSE(is_content_hash("SHA256:" + std::string(42, 'a') + "="));
    CHECK_FALSE(is_content_hash(""));
}

Check some_check() {
    CheckFinding finding;
    finding.user = "alice";
    finding.target = "ssh_dir";
    finding.path = "/home/alice/.ssh";
    finding.result = "drift";
    finding.reasons = {"too_open", "wrong_owner"};
    finding.blocks_login = true;
    finding.exposed = true;
    finding.observed = Attributes{Mode{0777}, {0, "root"}, {1001, std::nullopt}};
    finding.type = "dir";
    finding.expected = Attributes{Mode{0700}, {1001, "alice"}, {1001, "alice"}};
    finding.after = finding.expected;
    finding.action = "repaired";
    CheckFinding refused;
    refused.target = "home_root";
    refused.path = "/home\n\x1b[1m";
    refused.result = "refused";
    refused.reasons = {"unsafe_root"};
    refused.why = "somebody else can replace it";
    refused.action = "none";
    refused.error = EventError{"EIO", "cannot look: Input/output error"};

    Check check;
    check.summary.users = 1;
    check.add(finding);
    check.add(refused);
    return check;
}

TEST_CASE("a check comes out of its document as it went in", "[request]") {
    const auto text = to_json(some_check());

    const auto check = parse_check(text);

    REQUIRE(check);
    CHECK(to_json(*check) == text);
    REQUIRE(check->findings.size() == 2);
    CHECK(check->findings[0].after->mode == Mode{0700});
    CHECK(check->findings[0].observed->group.id == 1001);
    CHECK_FALSE(check->findings[0].observed->group.name);
    CHECK(is_settled(check->findings[0]));
    CHECK_FALSE(is_settled(check->findings[1]));
    CHECK(check->findings[1].error->code == "EIO");
    CHECK(check->summary.drift == 1);
    CHECK(check->summary.repaired == 1);
    CHECK(check->summary.refused == 1);
    CHECK(check->summary.errors == 1);
}

TEST_CASE("what is no check is none", "[request]") {
    const auto good = to_json(some_check());
    for (std::size_t length = 0; length < good.size(); ++length)
        CHECK_FALSE(parse_check(good.substr(0, length)));
    CHECK_FALSE(parse_check(R"({"schema":"sshpermd.check/2","findings":[],"summary":{}})"));
    CHECK_FALSE(parse_check(R"({"schema":"sshpermd.check/1","findings":7,"summary":{}})"));
    CHECK_FALSE(parse_check("[]"));
}

} // namespace
