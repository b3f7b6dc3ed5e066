// Plans: simulated step by step, for every mode and change of ids.
#include "catch.hpp"

#include "repair/plan.hpp"

#include <array>
#include <string>
#include <variant>
#include <vector>

using namespace sshpermd;

namespace {

constexpr uid_t old_owner = 1002;
constexpr gid_t old_group = 102;
constexpr uid_t new_owner = 1001;
constexpr gid_t new_group = 101;

struct State {
    Mode mode;
    uid_t owner = 0;
    gid_t group = 0;

    friend bool operator==(const State&, const State&) = default;
};

/// Somebody who might use the file, by the ids that matter.
struct Somebody {
    uid_t uid;
    bool in_old_group;
    bool in_new_group;
};

/// Everybody there is: old and new owner and a stranger, in each combination of the two groups.
std::vector<Somebody> everybody() {
    std::vector<Somebody> all;
    for (const uid_t uid : {old_owner, new_owner, uid_t{4711}})
        for (const bool in_old : {false, true})
            for (const bool in_new : {false, true})
                all.push_back({uid, in_old, in_new});
    return all;
}

/// The permissions (rwx) that the kernel gives somebody.
unsigned permissions(const State& state, const Somebody& who) {
    if (who.uid == state.owner)
        return state.mode.bits() >> 6 & 7U;
    const bool in_group = (state.group == old_group && who.in_old_group) ||
                          (state.group == new_group && who.in_new_group);
    return state.mode.bits() >> (in_group ? 3 : 0) & 7U;
}

/// A set-id bit grants everybody who may execute the ids it stands for.
bool lends_owner(const State& state, uid_t owner) {
    return state.mode.has(04000) && state.owner == owner;
}
bool lends_group(const State& state, gid_t group) {
    return state.mode.has(02000) && state.group == group;
}

/// May anybody do in `now` what neither `before` nor `after` lets them?
bool widens(const State& now, const State& before, const State& after) {
    for (const auto& who : everybody())
        if ((permissions(now, who) & ~(permissions(before, who) | permissions(after, who))) != 0)
            return true;
    const bool lent = (lends_owner(now, now.owner) && !lends_owner(before, now.owner) &&
                       !lends_owner(after, now.owner)) ||
                      (lends_group(now, now.group) && !lends_group(before, now.group) &&
                       !lends_group(after, now.group));
    return lent;
}

/// chown(2) clears the set-id bits of files and leaves those of directories.
enum class Kind { file, dir };

State after_step(State state, const Step& step, Kind kind) {
    if (const auto* mode = std::get_if<SetMode>(&step)) {
        state.mode = mode->mode;
        return state;
    }
    const auto& ids = std::get<SetOwner>(step);
    state.owner = ids.owner.value_or(state.owner);
    state.group = ids.group.value_or(state.group);
    if (kind == Kind::file)
        state.mode = state.mode & ~Mode{06000};
    return state;
}

Drift drift_between(const State& was, const State& wanted) {
    Drift drift;
    drift.was.mode = was.mode;
    drift.was.owner = was.owner;
    drift.was.group = was.group;
    drift.expected = {wanted.mode, wanted.owner, wanted.group};
    return drift;
}

/// Nothing when the plan holds; else what is wrong with it.
std::string flaw(const State& was, const State& wanted, Kind kind) {
    const auto steps = plan(drift_between(was, wanted));
    if (steps.empty())
        return "no step";

    auto state = was;
    for (const auto& step : steps) {
        if (const auto* ids = std::get_if<SetOwner>(&step)) {
            if (!ids->owner && !ids->group)
                return "a chown that changes nothing";
            if (ids->owner == state.owner || ids->group == state.group)
                return "an id is set that is right already";
        }
        const auto next = after_step(state, step, kind);
        if (next == state && kind == Kind::file)
            return "a step that changes nothing";
        state = next;
        if (widens(state, was, wanted))
            return "access is widened on the way";
    }
    return state == wanted ? "" : "it does not end where it should";
}

void check_all_modes(uid_t owner, gid_t group, Mode wanted_mode) {
    const State wanted{wanted_mode, new_owner, new_group};
    for (const auto kind : {Kind::file, Kind::dir})
        for (unsigned mode = 0; mode <= 07777; ++mode) {
            const State was{Mode{mode}, owner, group};
            if (was == wanted)
                continue;
            const auto problem = flaw(was, wanted, kind);
            if (!problem.empty()) {
                INFO(to_string(was.mode) << " to " << to_string(wanted.mode)
                                         << (kind == Kind::file ? " file" : " directory"));
                REQUIRE(problem == "");
            }
        }
}

} // namespace

TEST_CASE("every plan ends as expected and never widens access on the way", "[plan]") {
    const auto wanted = GENERATE(0700U, 0600U, 0755U, 0711U, 0640U, 0500U, 02750U, 04711U, 01777U);
    const auto owner = GENERATE(new_owner, old_owner);
    const auto group = GENERATE(new_group, old_group);

    check_all_modes(owner, group, Mode{wanted});
}

TEST_CASE("a wrong mode alone is one chmod", "[plan]") {
    const State was{Mode{0777}, new_owner, new_group};

    const auto steps = plan(drift_between(was, {Mode{0700}, new_owner, new_group}));

    CHECK(steps == std::vector<Step>{SetMode{Mode{0700}}});
}

TEST_CASE("a wrong owner alone is one chown that leaves the group out", "[plan]") {
    const State was{Mode{0700}, old_owner, new_group};

    const auto steps = plan(drift_between(was, {Mode{0700}, new_owner, new_group}));

    CHECK(steps == std::vector<Step>{SetOwner{new_owner, std::nullopt}});
}

TEST_CASE("a wrong group alone is one chown that leaves the owner out", "[plan]") {
    const State was{Mode{0600}, new_owner, old_group};

    const auto steps = plan(drift_between(was, {Mode{0600}, new_owner, new_group}));

    CHECK(steps == std::vector<Step>{SetOwner{std::nullopt, new_group}});
}

TEST_CASE("access is narrowed, then handed over, then widened", "[plan]") {
    const State was{Mode{0477}, old_owner, old_group};

    const auto steps = plan(drift_between(was, {Mode{0700}, new_owner, new_group}));

    CHECK(steps == std::vector<Step>{SetMode{Mode{0400}}, SetOwner{new_owner, new_group},
                                     SetMode{Mode{0700}}});
}

TEST_CASE("a set-id bit is gone before the file is handed over", "[plan]") {
    const State was{Mode{06755}, old_owner, new_group};

    const auto steps = plan(drift_between(was, {Mode{0755}, new_owner, new_group}));

    REQUIRE(steps.size() == 2);
    CHECK(steps[0] == Step{SetMode{Mode{0755}}});
}

TEST_CASE("a simulated chmod after chown would be caught as widening", "[plan]") {
    const State was{Mode{0770}, old_owner, old_group};
    const State wanted{Mode{0700}, new_owner, new_group};

    const auto handed_over_first = after_step(was, SetOwner{new_owner, new_group}, Kind::file);

    CHECK(widens(handed_over_first, was, wanted));
}
