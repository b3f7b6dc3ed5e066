// Judging: what was observed against what the policy expects.
#include "catch.hpp"

#include "finding/finding.hpp"

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace sshpermd;

namespace {

/// What a login depends on.
constexpr std::array login_targets{Target::home_root, Target::home, Target::ssh_dir,
                                   Target::authorized_keys};

constexpr uid_t alice = 1001;
constexpr gid_t alices = 1001;
constexpr uid_t mallory = 1002;

using Reasons = std::vector<DriftReason>;

FileType type_of(Target target) { return is_file(target) ? FileType::file : FileType::dir; }

Observed seen(Target target, unsigned mode) {
    Observed observed;
    observed.type = type_of(target);
    observed.mode = Mode{mode};
    const bool is_root = target == Target::home_root;
    observed.owner = is_root ? 0 : alice;
    observed.group = is_root ? 0 : alices;
    return observed;
}

Rule built_in_rule(Target target) {
    return target == Target::home_root ? Config{}.home_root : AccountPolicy{}.rule(target);
}

Expected expected_of(Target target) {
    const bool is_root = target == Target::home_root;
    return {built_in_rule(target).mode, is_root ? 0 : alice, is_root ? 0 : alices};
}

Finding judged(Target target, const Observed& observed, const Rule& rule,
               std::optional<bool> blocks = std::nullopt) {
    return judge(target, observed, expected_of(target), rule, blocks);
}

Finding judged(Target target, const Observed& observed) {
    return judged(target, observed, built_in_rule(target));
}

Finding refused(RefusalReason reason) { return Refusal{reason}; }

/// What a person would call the difference of two modes, said without the code's operators.
Reasons reasons_between(unsigned was, unsigned wanted) {
    bool open = false;
    bool tight = false;
    for (unsigned bit = 0; bit < 9; ++bit) {
        const bool has = (was >> bit) % 2 == 1;
        const bool should = (wanted >> bit) % 2 == 1;
        open = open || (has && !should);
        tight = tight || (!has && should);
    }
    Reasons reasons;
    if (open)
        reasons.push_back(DriftReason::too_open);
    if (tight)
        reasons.push_back(DriftReason::too_tight);
    if (was / 512 != wanted / 512)
        reasons.push_back(DriftReason::special_bits);
    return reasons;
}

} // namespace

TEST_CASE("a target is compliant exactly when its mode is the policy's", "[judge]") {
    for (const auto target : login_targets) {
        const auto wanted = built_in_rule(target).mode;
        for (unsigned mode = 0; mode <= 07777; ++mode) {
            const auto observed = seen(target, mode);

            const auto finding = judged(target, observed);

            INFO(word(target) << ' ' << to_string(Mode{mode}));
            const Finding right =
                mode == wanted.bits()
                    ? Finding{Compliant{}}
                    : Drift{observed, expected_of(target), reasons_between(mode, wanted.bits())};
            REQUIRE(finding == right);
        }
    }
}

TEST_CASE("the built-in policy is 0755, 0700, 0700 and 0600", "[judge]") {
    CHECK(built_in_rule(Target::home_root).mode == Mode{0755});
    CHECK(built_in_rule(Target::home).mode == Mode{0700});
    CHECK(built_in_rule(Target::ssh_dir).mode == Mode{0700});
    CHECK(built_in_rule(Target::authorized_keys).mode == Mode{0600});
}

TEST_CASE("an accepted mode is no drift, and no other mode becomes one that is accepted",
          "[judge]") {
    for (const auto target : login_targets) {
        auto rule = built_in_rule(target);
        rule.accept = {Mode{0711}, Mode{02750}};
        for (unsigned mode = 0; mode <= 07777; ++mode) {
            const auto finding = judged(target, seen(target, mode), rule);

            const bool fine = mode == 0711 || mode == 02750 || mode == rule.mode.bits();
            INFO(word(target) << ' ' << to_string(Mode{mode}));
            REQUIRE(std::holds_alternative<Compliant>(finding) == fine);
            if (!fine)
                REQUIRE(std::get<Drift>(finding).expected.mode == rule.mode);
        }
    }
}

TEST_CASE("an accepted mode is kept when the group is repaired", "[judge]") {
    auto rule = built_in_rule(Target::home);
    rule.accept = {Mode{0755}};
    auto observed = seen(Target::home, 0755);
    observed.group = 100;

    const auto finding = judged(Target::home, observed, rule);

    const Finding right = Drift{observed, {Mode{0755}, alice, alices}, {DriftReason::wrong_group}};
    CHECK(finding == right);
}

TEST_CASE("whatever sshd accepts is compliant when the policy says so", "[judge]") {
    const auto target = GENERATE(Target::home, Target::ssh_dir, Target::authorized_keys);
    auto rule = built_in_rule(target);
    rule.accept_sshd = true;
    auto roots = seen(target, 0755);
    roots.owner = 0;
    roots.group = 0;

    SECTION("every mode with which sshd lets the account in") {
        for (unsigned mode = 0; mode <= 07777; ++mode)
            REQUIRE(judged(target, seen(target, mode), rule, false) == Finding{Compliant{}});
    }
    SECTION("a root-owned one that works") {
        CHECK(judged(target, roots, rule, false) == Finding{Compliant{}});
    }
    SECTION("not what blocks the login") {
        const auto finding = judged(target, seen(target, 0777), rule, true);
        CHECK(std::holds_alternative<Drift>(finding));
    }
    SECTION("not what cannot be told") {
        const auto finding = judged(target, seen(target, 0755), rule, std::nullopt);
        CHECK(std::holds_alternative<Drift>(finding));
    }
    SECTION("not what is of the wrong type") {
        auto fifo = seen(target, 0600);
        fifo.type = FileType::fifo;
        CHECK(judged(target, fifo, rule, false) == refused(RefusalReason::wrong_type));
    }
    SECTION("and only when the policy says so") {
        const auto finding = judged(target, seen(target, 0500), built_in_rule(target), false);
        CHECK(std::holds_alternative<Drift>(finding));
    }
}

TEST_CASE("the wrong group of an account's own file is a drift", "[judge]") {
    const auto target = GENERATE(Target::home, Target::ssh_dir, Target::authorized_keys);
    auto observed = seen(target, built_in_rule(target).mode.bits());
    observed.group = 0;

    const auto finding = judged(target, observed);

    const Finding right = Drift{observed, expected_of(target), {DriftReason::wrong_group}};
    CHECK(finding == right);
}

TEST_CASE("a home root is taken back from any owner and group", "[judge]") {
    auto observed = seen(Target::home_root, 0755);
    observed.owner = GENERATE(0U, alice, mallory);
    observed.group = GENERATE(0U, alices, 4711U);

    const auto finding = judged(Target::home_root, observed);

    Reasons reasons;
    if (observed.owner != 0)
        reasons.push_back(DriftReason::wrong_owner);
    if (observed.group != 0)
        reasons.push_back(DriftReason::wrong_group);
    const Finding right = reasons.empty()
                              ? Finding{Compliant{}}
                              : Drift{observed, expected_of(Target::home_root), std::move(reasons)};
    CHECK(finding == right);
}

TEST_CASE("what is not the account's is refused whatever its mode", "[judge]") {
    const auto target = GENERATE(Target::home, Target::ssh_dir, Target::authorized_keys);
    const uid_t owner = GENERATE(0U, mallory, 65534U, 4'294'967'295U);
    const bool is_roots_home = target == Target::home && owner == 0;
    const auto reason =
        is_roots_home ? RefusalReason::root_owned_home : RefusalReason::foreign_owner;

    for (unsigned mode = 0; mode <= 07777; ++mode) {
        auto observed = seen(target, mode);
        observed.owner = owner;

        REQUIRE(judged(target, observed) == refused(reason));
    }
}

TEST_CASE("a link or anything of another type is refused, whoever owns it", "[judge]") {
    for (const auto target : login_targets) {
        for (const auto type : {FileType::file, FileType::dir, FileType::symlink, FileType::fifo,
                                FileType::socket, FileType::character, FileType::block}) {
            if (type == type_of(target))
                continue;
            for (const uid_t owner : {0U, alice, mallory}) {
                auto observed = seen(target, built_in_rule(target).mode.bits());
                observed.type = type;
                observed.owner = owner;

                INFO(word(target) << ' ' << word(type) << ' ' << owner);
                REQUIRE(judged(target, observed) == refused(type == FileType::symlink
                                                                ? RefusalReason::symlink
                                                                : RefusalReason::wrong_type));
            }
        }
    }
}

TEST_CASE("an immutable target is refused only when there is something to repair", "[judge]") {
    for (const auto target : login_targets) {
        auto right = seen(target, built_in_rule(target).mode.bits());
        right.immutable = true;
        auto wrong = seen(target, 0777);
        wrong.immutable = true;

        INFO(word(target));
        CHECK(judged(target, right) == Finding{Compliant{}});
        CHECK(judged(target, wrong) == refused(RefusalReason::immutable));
    }
}

TEST_CASE("reasons come worst first", "[judge]") {
    auto observed = seen(Target::home_root, 02077);
    observed.owner = mallory;
    observed.group = 4711;

    const auto finding = judged(Target::home_root, observed);

    const Reasons worst_first{DriftReason::too_open, DriftReason::wrong_owner,
                              DriftReason::too_tight, DriftReason::wrong_group,
                              DriftReason::special_bits};
    REQUIRE(std::holds_alternative<Drift>(finding));
    CHECK(std::get<Drift>(finding).reasons == worst_first);
}

TEST_CASE("inode, links, change time and ACL do not make a drift", "[judge]") {
    auto observed = seen(Target::authorized_keys, 0600);
    observed.inode = 4711;
    observed.links = 3;
    observed.changed_us = 1;
    observed.has_acl = true;

    CHECK(judged(Target::authorized_keys, observed) == Finding{Compliant{}});
}

TEST_CASE("findings, reasons and types are called by the words of the contract", "[judge]") {
    CHECK(word(Finding{Compliant{}}) == "compliant");
    CHECK(word(Finding{Missing{}}) == "missing");
    CHECK(word(Finding{Drift{}}) == "drift");
    CHECK(word(refused(RefusalReason::symlink)) == "refused");

    CHECK(word(DriftReason::too_open) == "too_open");
    CHECK(word(DriftReason::wrong_owner) == "wrong_owner");
    CHECK(word(DriftReason::too_tight) == "too_tight");
    CHECK(word(DriftReason::wrong_group) == "wrong_group");
    CHECK(word(DriftReason::special_bits) == "special_bits");

    CHECK(word(RefusalReason::symlink) == "symlink");
    CHECK(word(RefusalReason::wrong_type) == "wrong_type");
    CHECK(word(RefusalReason::foreign_owner) == "foreign_owner");
    CHECK(word(RefusalReason::root_owned_home) == "root_owned_home");
    CHECK(word(RefusalReason::other_file_system) == "other_file_system");
    CHECK(word(RefusalReason::unsafe_root) == "unsafe_root");
    CHECK(word(RefusalReason::ambiguous_account) == "ambiguous_account");
    CHECK(word(RefusalReason::immutable) == "immutable");
    CHECK(word(RefusalReason::read_only) == "read_only");

    CHECK(word(FileType::file) == "file");
    CHECK(word(FileType::dir) == "dir");
    CHECK(word(FileType::symlink) == "symlink");
    CHECK(word(FileType::fifo) == "fifo");
    CHECK(word(FileType::socket) == "socket");
    CHECK(word(FileType::character) == "char");
    CHECK(word(FileType::block) == "block");
}

TEST_CASE("each refusal says why in words of its own", "[judge]") {
    std::vector<std::string_view> said;
    for (const auto reason :
         {RefusalReason::symlink, RefusalReason::wrong_type, RefusalReason::foreign_owner,
          RefusalReason::root_owned_home, RefusalReason::other_file_system,
          RefusalReason::unsafe_root, RefusalReason::ambiguous_account, RefusalReason::immutable,
          RefusalReason::read_only}) {
        const auto text = why(reason);

        CHECK(!text.empty());
        for (const auto earlier : said)
            CHECK(text != earlier);
        said.push_back(text);
    }
}

TEST_CASE("a client file is judged by its mode alone, and only the account's own", "[judge]") {
    const AccountPolicy policy;
    const auto judged_for_alice = [&](Target target, unsigned mode, uid_t owner) {
        auto observed = seen(target, mode);
        observed.owner = owner;
        observed.group = 4711; // whatever it is
        const auto& rule = policy.rule(target);
        return judge_client_file(target, observed, {rule.mode, owner, 4711}, rule, alice);
    };
    const Finding foreign = Refusal{RefusalReason::foreign_owner};
    const Finding right = Compliant{};

    for (const unsigned mode : {0600U, 0400U})
        CHECK(judged_for_alice(Target::private_key, mode, alice) == right);
    for (const unsigned mode : {0640U, 0604U, 0700U, 0000U, 04600U}) {
        const auto finding = judged_for_alice(Target::private_key, mode, alice);
        REQUIRE(std::holds_alternative<Drift>(finding));
        CHECK(std::get<Drift>(finding).expected == Expected{Mode{0600}, alice, 4711});
    }
    for (const uid_t owner : {uid_t{0}, mallory})
        CHECK(judged_for_alice(Target::private_key, 0600, owner) == foreign);

    CHECK(judged_for_alice(Target::ssh_config, 0644, 0) == right);
    for (const unsigned writable : {0664U, 0646U})
        CHECK(judged_for_alice(Target::ssh_config, writable, 0) == foreign);
    CHECK(judged_for_alice(Target::ssh_config, 0600, mallory) == foreign);
    CHECK(judged_for_alice(Target::ssh_config, 0644, alice) == right);
    CHECK(std::holds_alternative<Drift>(judged_for_alice(Target::ssh_config, 0664, alice)));

    Rule ignored;
    ignored.ignore = true;
    CHECK(judge_client_file(Target::private_key, seen(Target::private_key, 0777),
                            {Mode{0600}, mallory, 0}, ignored, alice) == right);
}
