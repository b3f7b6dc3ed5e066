// The event of a fight: both states, and an override that really keeps the one that was found.
#include "catch.hpp"

#include "event/event_json.hpp"
#include "event/fight.hpp"
#include "finding/sshd_rule.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <string>

using namespace sshpermd;
using Json = nlohmann::json;

namespace {

const Account alice{"alice", 1001, 1001, "/home/alice"};
constexpr std::array targets{Target::home, Target::ssh_dir, Target::authorized_keys};

const Accounts& machine() {
    static const Accounts accounts{
        {{"root", 0, 0, "/root"}, alice, {"bob", 1002, 1002, "/home/bob"}},
        {{"root", 0, {}}, {"alice", 1001, {}}, {"staff", 50, {"alice"}}}};
    return accounts;
}

Report repair(Target target, Mode found, Mode made, uid_t owner = alice.uid,
              gid_t group = alice.gid) {
    Report report;
    report.target = target;
    report.path = target == Target::home_root ? "/home" : "/home/alice";
    report.account = target == Target::home_root ? nullptr : &alice;
    report.action = Action::repaired;
    report.tried = true;
    Observed observed;
    observed.type = target == Target::authorized_keys ? FileType::file : FileType::dir;
    observed.mode = found;
    observed.owner = owner;
    observed.group = group;
    report.observed = observed;
    report.expected = {made, report.account == nullptr ? 0 : alice.uid,
                       report.account == nullptr ? 0 : alice.gid};
    observed.mode = made;
    observed.owner = report.expected.owner;
    observed.group = report.expected.group;
    report.after = observed;
    report.finding = Drift{*report.observed, report.expected, {DriftReason::too_open}};
    return report;
}

Event fight(const Report& report, const Config& config = {}) {
    return fight_of(report, *event_of(report, Trigger::inotify, machine()), 5, config, machine());
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a fight is a warning that names both states and how often", "[fights]") {
    const auto event = fight(repair(Target::home, Mode{0755}, Mode{0700}));

    CHECK(event.type == EventType::fight_noticed);
    CHECK(event.severity == Severity::warning);
    CHECK(event.count == 5U);
    CHECK(event.kept_by == R"({"users":["alice"],"home":{"accept":["0755"]}})");
    CHECK(event.message == "5 times in a day somebody made home 0755 alice:alice, and it was made "
                           "0700 alice:alice again: stop what does it, or keep it so with the "
                           "override in kept_by");
    const auto json = Json::parse(to_line(event, {}));
    CHECK(json["event"] == "fight.noticed");
    CHECK(json["user"]["name"] == "alice");
    CHECK(json["before"]["mode"] == "0755");
    CHECK(json["after"]["mode"] == "0700");
    CHECK(json["changes"] == Json{"mode"});
    CHECK(json["reasons"] == Json{"too_open"});
    CHECK(json["kept_by"] == Json::parse(event.kept_by));
    CHECK(json["count"] == 5);
    CHECK_FALSE(json.contains("duration_us"));
    CHECK_FALSE(json.contains("truncated"));
}

TEST_CASE("whatever is fought for, the override keeps it, or sshd would refuse it", "[fights]") {
    int kept = 0;
    int refused = 0;
    for (const auto target : targets)
        for (unsigned bits = 0; bits <= 07777; ++bits)
            for (const uid_t owner : {0U, 1001U, 1002U})
                for (const gid_t group : {0U, 1001U, 50U}) {
                    const Mode made{target == Target::authorized_keys ? 0600U : 0700U};
                    auto report = repair(target, Mode{bits}, made, owner, group);
                    report.blocks_login = false; // of a home that had been shut by then
                    const auto event = fight(report);
                    const auto blocks = blocks_login(target, *report.observed, &alice, machine());
                    if ((event.kept_by.empty()) != (blocks != false))
                        FAIL(event.message << " " << event.kept_by);
                    refused += event.kept_by.empty() ? 1 : 0;
                    if (event.kept_by.empty()) {
                        if (!contains(event.message, "sshd would refuse"))
                            FAIL(event.message);
                        continue;
                    }
                    ++kept;
                    const auto config =
                        parse_config("{\"overrides\": [" + event.kept_by + "]}", "kept");
                    const auto finding = judge(target, *report.observed, report.expected,
                                               config.policy_for("alice").rule(target), blocks);
                    if (!std::holds_alternative<Compliant>(finding))
                        FAIL(event.message << " " << event.kept_by);
                }
    CHECK(kept > 1000);
    CHECK(refused > 1000);
}

TEST_CASE("an override for a fight leaves others, and the other targets, as they were",
          "[fights]") {
    const auto before = parse_config(R"({"overrides": [{"users": ["a*"], "ssh_dir":
        {"accept": ["0711"]}, "home": {"ignore": true}}]})",
                                     "site");

    const auto event = fight(repair(Target::ssh_dir, Mode{0755}, Mode{0700}), before);

    const auto after = parse_config("{\"overrides\": [" + event.kept_by + "]}", "kept");
    auto expected = before.policy_for("alice");
    expected.ssh_dir.accept.push_back(Mode{0755});
    CHECK(after.policy_for("alice") == expected);
    CHECK(after.policy_for("bob") == AccountPolicy{});
}

TEST_CASE("a mode that sshd would refuse is not kept, and the event says why", "[fights]") {
    const auto event = fight(repair(Target::home, Mode{GENERATE(0775U, 0777U, 0U)}, Mode{0700}));

    CHECK(event.kept_by.empty());
    CHECK(event.blocks_login == true);
    CHECK(contains(event.message, "find what does it and stop it; sshd would refuse the keys"));
    CHECK_FALSE(Json::parse(to_line(event, {})).contains("kept_by"));
}

TEST_CASE("an owner or a group is kept by what sshd accepts: no override sets one", "[fights]") {
    const auto roots = fight(repair(Target::authorized_keys, Mode{0644}, Mode{0600}, 0, 0));
    const auto groups = fight(repair(Target::home, Mode{0750}, Mode{0700}, alice.uid, 50));

    CHECK(roots.kept_by == R"({"users":["alice"],"authorized_keys":{"accept":["sshd"]}})");
    CHECK(groups.kept_by == R"({"users":["alice"],"home":{"accept":["sshd"]}})");
}

TEST_CASE("what an ACL decides is kept by no override", "[fights]") {
    auto report = repair(Target::ssh_dir, Mode{0755}, Mode{0700}, 0, 0);
    report.observed->has_acl = true;

    const auto event = fight(report);

    CHECK(event.kept_by.empty());
    CHECK(contains(event.message, "an ACL decides"));
}

TEST_CASE("a home above another's is not kept closed to it", "[fights]") {
    const auto closed = fight(repair(Target::home, Mode{0750}, Mode{0711}));
    const auto open = fight(repair(Target::home, Mode{0755}, Mode{0711}));

    CHECK(closed.kept_by.empty());
    CHECK(contains(closed.message, "another account's home is below this one"));
    CHECK(open.kept_by == R"({"users":["alice"],"home":{"accept":["0755"]}})");
}

TEST_CASE("a home root is kept by the policy, if its homes are safe and reached", "[fights]") {
    const auto kept = fight(repair(Target::home_root, Mode{0711}, Mode{0755}, 0, 0));
    CHECK(contains(kept.message, "add \"0711\" to policy.home_root.accept"));
    CHECK(kept.kept_by.empty());
    CHECK_FALSE(kept.user.has_value());

    for (const auto& report : {repair(Target::home_root, Mode{0777}, Mode{0755}, 0, 0),
                               repair(Target::home_root, Mode{0775}, Mode{0755}, 0, 0),
                               repair(Target::home_root, Mode{0750}, Mode{0755}, 0, 0),
                               repair(Target::home_root, Mode{0755}, Mode{0755}, 1001, 0),
                               repair(Target::home_root, Mode{0755}, Mode{0755}, 0, 50)})
        CHECK(contains(fight(report).message, "find what does it and stop it"));
}

TEST_CASE("an override that is too long for a line is left out, and the line says so", "[fights]") {
    std::string accept;
    for (unsigned mode = 01000; mode < 04000; ++mode)
        if (!Mode{mode}.has(0002))
            accept += (accept.empty() ? "\"" : ",\"") + to_string(Mode{mode}) + "\"";
    const auto config = parse_config(
        R"({"overrides": [{"users": ["alice"], "home": {"accept": [)" + accept + "]}}]}", "site");

    const auto line = to_line(fight(repair(Target::home, Mode{0755}, Mode{0700}), config), {});

    CHECK(line.size() <= 4000);
    CHECK(Json::parse(line).at("truncated") == true);
    CHECK_FALSE(Json::parse(line).contains("kept_by"));
}
