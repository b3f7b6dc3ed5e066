// The overrides that are suggested: what they keep, and that they take nothing else away.
#include "catch.hpp"

#include "policy/suggestion.hpp"

#include <string>

using namespace sshpermd;

namespace {

/// The configuration with a suggestion in a layer of its own: laid over, before all others.
Config with(const std::string& text, const std::string& suggestion) {
    const auto before = parse_config(text, "site");
    auto config = parse_config("{\"overrides\": [" + suggestion + "]}", "suggestion");
    auto whole = before;
    for (auto& entry : config.overrides)
        whole.overrides.insert(whole.overrides.begin(), entry);
    return whole;
}

} // namespace

TEST_CASE("the suggested override accepts the home as it is", "[suggestion]") {
    const auto said = override_that_keeps({}, "web1", Mode{0751}, HomeGroup::its_own);

    CHECK(said == R"({"users":["web1"],"home":{"accept":["0751"]}})");
    CHECK(with("{}", said).policy_for("web1").home == Rule{Mode{0700}, {Mode{0751}}, false, false});
    CHECK(with("{}", said).policy_for("web2") == AccountPolicy{});
}

TEST_CASE("what others may write is suggested as open as sshd allows", "[suggestion]") {
    CHECK(override_that_keeps({}, "a", Mode{0777}, HomeGroup::its_own) ==
          R"({"users":["a"],"home":{"mode":"0755"}})");
    CHECK(override_that_keeps({}, "a", Mode{03072}, HomeGroup::its_own) ==
          R"({"users":["a"],"home":{"mode":"0550"}})");
    CHECK(override_that_keeps({}, "a", Mode{0712}, HomeGroup::its_own) ==
          R"({"users":["a"],"home":{"mode":"0710"}})");
}

TEST_CASE("a suggestion says again what the override before it said", "[suggestion]") {
    const std::string text = R"({"policy": {"ssh_dir": {"mode": "0500"}}, "overrides": [
        {"users": ["web*"], "home": {"mode": "0711", "accept": ["0751", "sshd"]},
         "ssh_dir": {"mode": "0700"}, "authorized_keys": {"ignore": true}}]})";
    const auto config = parse_config(text, "site");

    const auto said = override_that_keeps(config, "web1", Mode{0755}, HomeGroup::its_own);

    CHECK(said == R"({"users":["web1"],"home":{"mode":"0711","accept":["0751","0755","sshd"]},)"
                  R"("ssh_dir":{"mode":"0700"},"authorized_keys":{"ignore":true}})");
}

TEST_CASE("a home of another group, or of root's, is suggested to be left alone", "[suggestion]") {
    const std::string ignored = R"({"users":["a"],"home":{"ignore":true}})";

    CHECK(override_that_keeps({}, "a", Mode{0750}, HomeGroup::another) == ignored);
    CHECK(override_that_ignores_home({}, "a") == ignored);
    CHECK(override_that_keeps({}, "a", Mode{0770}, HomeGroup::another) ==
          R"({"users":["a"],"home":{"mode":"0750"}})");
}

TEST_CASE("a suggestion is for one name, whatever is in it", "[suggestion]") {
    for (const std::string name : {"web*", "a?", "[ab]", "DOM\\user", "plain"}) {
        const auto config =
            with("{}", override_that_keeps({}, name, Mode{0755}, HomeGroup::its_own));

        INFO(name);
        CHECK(config.policy_for(name).home.accept.size() == 1);
        for (const auto* const other : {"web1", "ab", "a", "DOMuser"})
            CHECK(config.policy_for(other).home.accept.empty());
    }
}
