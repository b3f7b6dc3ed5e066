// The state of an account: the worst of what a round found.
#include "catch.hpp"
#include "event/user_state.hpp"

#include <utility>

namespace {

using namespace sshpermd;

Report report(Target target, Finding finding, Action action = Action::none) {
    Report made;
    made.target = target;
    made.finding = std::move(finding);
    made.action = action;
    return made;
}

std::vector<Report> whole() {
    return {report(Target::home, Compliant{}), report(Target::ssh_dir, Compliant{}),
            report(Target::authorized_keys, Compliant{})};
}

TEST_CASE("an account with everything right is protected, or polled, or flapping", "[user_state]") {
    CHECK(state_of(whole(), {}) == UserState::protected_);
    CHECK(state_of(whole(), {true, false}) == UserState::polled);
    CHECK(state_of(whole(), {true, true}) == UserState::flapping);
}

TEST_CASE("what was repaired is protected, what is only observed is left wrong", "[user_state]") {
    auto reports = whole();
    reports[1] = report(Target::ssh_dir, Drift{}, Action::repaired);
    CHECK(state_of(reports, {}) == UserState::protected_);
    reports[1].action = Action::none;
    CHECK(state_of(reports, {}) == UserState::refused);
    reports[1].failure = Failure{5, "set the mode"};
    CHECK(state_of(reports, {}) == UserState::refused);
}

TEST_CASE("the first that is missing names the state", "[user_state]") {
    CHECK(state_of({report(Target::home, Missing{})}, {}) == UserState::missing_home);
    CHECK(state_of({report(Target::home, Compliant{}), report(Target::ssh_dir, Missing{})}, {}) ==
          UserState::missing_ssh);
    auto reports = whole();
    reports[2].finding = Missing{};
    CHECK(state_of(reports, {true, false}) == UserState::missing_keys);
    reports.push_back(report(Target::authorized_keys, Compliant{}));
    CHECK(state_of(reports, {}) == UserState::protected_);
}

TEST_CASE("a refusal is worse than a thing that is missing, and withheld is worst",
          "[user_state]") {
    auto reports = whole();
    reports[2].finding = Refusal{RefusalReason::wrong_type};
    CHECK(state_of(reports, {true, true}) == UserState::refused);
    reports[2].managed = true;
    CHECK(state_of(reports, {true, true}) == UserState::managed);
    reports[0].action = Action::withheld;
    CHECK(state_of(reports, {true, true}) == UserState::withheld);
}

TEST_CASE("what is left wrong on the client's side keeps nobody from being protected",
          "[user_state]") {
    auto reports = whole();
    reports.push_back(report(Target::private_key, Refusal{RefusalReason::foreign_owner}));
    reports.push_back(report(Target::ssh_config, Drift{}));
    CHECK(state_of(reports, {}) == UserState::protected_);
    reports[2].finding = Missing{};
    CHECK(state_of(reports, {}) == UserState::missing_keys);
}

} // namespace
