// What came of a key, over the socket and back; and the request for it.
#include "catch.hpp"
#include "event/addition.hpp"
#include "reconcile/request.hpp"
#include "system/new_ssh_dir.hpp"

#include <string>

using namespace sshpermd;

namespace {

TEST_CASE("what came of a key is the same after it went over the socket", "[addition]") {
    Addition addition;
    addition.user = "alice";
    addition.path = "/home/alice/.ssh/authorized_keys";
    addition.key = KeyRef{"SHA256:" + std::string(43, 'x'), "ssh-rsa", 2048, "no-pty", "a \"b\""};
    addition.reason = "immutable";
    addition.why = "it is";
    addition.fix = "chattr -i -a x";
    addition.created = {"ssh_dir"};
    addition.error = EventError{"EIO", "cannot"};
    for (const auto result :
         {AdditionResult::added, AdditionResult::present, AdditionResult::would_add,
          AdditionResult::refused, AdditionResult::failed}) {
        addition.result = result;

        const auto again = parse_addition(to_json(addition));

        REQUIRE(again);
        CHECK(again->result == result);
        CHECK(to_json(*again) == to_json(addition));
    }
    CHECK_FALSE(parse_addition("{}"));
    CHECK_FALSE(parse_addition("[]"));
    CHECK_FALSE(parse_addition(R"({"schema":"sshpermd.check/1"})"));
}

TEST_CASE("a request for a key needs each of its members, and no other", "[addition]") {
    const AddKeyRequest request{"alice", "authorized_keys", "ssh-ed25519 AAAA \"me\""};

    CHECK(parse_add_key_request(to_json(request)) == request);
    for (const std::string text :
         {"", "{}", R"({"user":"a","file":"f"})", R"({"user":"","file":"f","key":"k"})",
          R"({"user":"a","file":"f","key":1})", R"({"user":"a","file":"f","key":"k","x":1})",
          R"({"user":"a\u0000","file":"f","key":"k"})"})
        CHECK_THROWS_AS(parse_add_key_request(text), RequestError);
}

TEST_CASE("the label of a .ssh is that of its home with ssh's own type", "[addition]") {
    CHECK(ssh_label("unconfined_u:object_r:user_home_dir_t:s0") ==
          "unconfined_u:object_r:ssh_home_t:s0");
    CHECK(ssh_label("u:r:t:s0-s0:c0.c1023") == "u:r:ssh_home_t:s0-s0:c0.c1023");
    CHECK(ssh_label("u:r:t") == "u:r:ssh_home_t");
    CHECK(ssh_label("") == "");
    CHECK(ssh_label("nonsense") == "");
}

} // namespace
