// The launch keys in what cloud-init writes down.
#include "catch.hpp"

#include "policy/instance_data.hpp"

#include <string>

using namespace sshpermd;

namespace {

using Texts = std::vector<std::string>;

std::string nested(int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']');
}

/// As cloud-init 22.4 writes it for a NoCloud seed, the long parts left out.
constexpr const char* nocloud = R"({
 "base64_encoded_keys": [],
 "ds": {"_doc": "EXPERIMENTAL", "meta_data": {"dsmode": "net", "instance-id": "i-abc",
  "public-keys": ["ssh-ed25519 AAAA launch"]}},
 "merged_cfg": "redacted for non-root user",
 "sensitive_keys": ["merged_cfg"],
 "v1": {"cloud-name": "unknown", "public_ssh_keys": ["ssh-ed25519 AAAA launch"], "region": null}
})";

} // namespace

TEST_CASE("the launch keys are found where cloud-init writes them", "[instance_data]") {
    CHECK(public_keys_of(nocloud) == Texts{"ssh-ed25519 AAAA launch", "ssh-ed25519 AAAA launch"});
    CHECK(public_keys_of(R"({"v1": {"public_ssh_keys": ["a", "b"]}})") == Texts{"a", "b"});
    CHECK(public_keys_of(R"({"v1": {"public_ssh_keys": "a\nb"}})") == Texts{"a\nb"});
    CHECK(public_keys_of(R"({"ds": {"meta-data": {"public-keys": {"my-key": ["a", ""]}}}})") ==
          Texts{"a", ""});
    CHECK(
        public_keys_of(R"({"ds": {"meta_data": {"public_keys": {"0": {"openssh-key": "a"}}}}})") ==
        Texts{"a"});
    CHECK(public_keys_of(R"({"v1": {"public_ssh_keys": [[["a"]]]}})") == Texts{"a"});
    CHECK(public_keys_of(R"({"v1": {"public_ssh_keys": [[[["a"]]]]}})").empty());
}

TEST_CASE("what is no instance data has no launch keys", "[instance_data]") {
    const auto text = GENERATE(
        as<std::string>{}, "", "{", "null", "[]", "7", "\"x\"", "{\"v1\": []}", "{\"v1\": null}",
        R"({"v1": {"public_ssh_keys": 7}})", R"({"v1": {"public_ssh_keys": [[[[["a"]]]]]}})",
        R"({"ds": "x", "v1": {"public_ssh_keys": null}})",
        "{\"v1\": {\"public_ssh_keys\": \"\xff\"}}");

    CHECK(public_keys_of(text).empty());
}

TEST_CASE("instance data nested without end is given up", "[instance_data]") {
    const auto deep = [](int depth) {
        return R"({"v1": {"public_ssh_keys": ["a"]}, "x": )" + nested(depth) + "}";
    };
    CHECK(public_keys_of(deep(20)) == Texts{"a"});
    CHECK(public_keys_of(deep(40)).empty());
    CHECK(public_keys_of(deep(500'000)).empty());
    CHECK(public_keys_of(std::string(1 << 20U, '[')).empty());
}
