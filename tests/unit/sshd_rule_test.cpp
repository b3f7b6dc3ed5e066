// sshd's rule: our verdict beside what real servers did with the same state. The states are those
// measured with OpenSSH 9.2p1; where Debian's private-group patch is milder, upstream decides.
#include "catch.hpp"

#include "finding/sshd_rule.hpp"

#include <array>
#include <optional>
#include <string>
#include <vector>

using namespace sshpermd;

namespace {

/// What a login depends on.
constexpr std::array login_targets{Target::home_root, Target::home, Target::ssh_dir,
                                   Target::authorized_keys};

constexpr uid_t ubuntu = 1000;
constexpr gid_t private_group = 1000;
constexpr uid_t eve = 1001;
constexpr gid_t team = 200;
constexpr uid_t without_account = 4711;
constexpr std::optional<bool> logs_in{false};
constexpr std::optional<bool> blocks{true};
constexpr std::optional<bool> cannot_tell{};

const Account account{"ubuntu", ubuntu, private_group, "/home/ubuntu"};

const Accounts& machine() {
    static const Accounts accounts{
        {{"root", 0, 0, "/root"}, account, {"eve", eve, eve, "/home/eve"}},
        {{"root", 0, {}},
         {"ubuntu", private_group, {}},
         {"eve", eve, {}},
         {"team", team, {"ubuntu", "eve"}}}};
    return accounts;
}

Observed object(Target target, unsigned mode, uid_t owner = ubuntu, gid_t group = private_group) {
    Observed observed;
    observed.type = target == Target::authorized_keys ? FileType::file : FileType::dir;
    observed.mode = Mode{mode};
    observed.owner = owner;
    observed.group = group;
    return observed;
}

std::optional<bool> verdict(Target target, const Observed& observed) {
    return blocks_login(target, observed, target == Target::home_root ? nullptr : &account,
                        machine());
}

struct State {
    Target target;
    std::vector<unsigned> modes;
    uid_t owner;
    gid_t group;
    std::optional<bool> verdict;
};

constexpr auto home_root = Target::home_root;
constexpr auto home = Target::home;
constexpr auto ssh_dir = Target::ssh_dir;
constexpr auto keys = Target::authorized_keys;

const std::vector<State>& measured_states() {
    static const std::vector<State> states{
        // clean
        {home_root, {0755}, 0, 0, logs_in},
        {home, {0700}, ubuntu, private_group, logs_in},
        {ssh_dir, {0700}, ubuntu, private_group, logs_in},
        {keys, {0600}, ubuntu, private_group, logs_in},
        // /home: dangerous, but sshd does not care, as long as it can be searched
        {home_root, {0775, 0757, 0777, 01777, 0711, 0701}, 0, 0, logs_in},
        {home_root, {0755}, eve, 0, logs_in},
        {home_root, {0710, 0700, 0}, 0, 0, blocks},
        // what others may write
        {home, {0702, 0777, 01777}, ubuntu, private_group, blocks},
        // what the private group may write: refused upstream
        {home, {0770, 0720}, ubuntu, private_group, blocks},
        {ssh_dir, {0770, 0720}, ubuntu, private_group, blocks},
        {keys, {0660, 0620}, ubuntu, private_group, blocks},
        // what another group may write: refused everywhere
        {home, {0770, 0720}, ubuntu, 0, blocks},
        {ssh_dir, {0770, 0720}, ubuntu, team, blocks},
        {keys, {0660, 0620}, ubuntu, team, blocks},
        // whatever else its owner can search and read
        {home, {0755, 0750, 0711, 0500, 0100, 02700}, ubuntu, private_group, logs_in},
        {ssh_dir, {0755, 0750, 0500, 0100}, ubuntu, private_group, logs_in},
        {keys, {0644, 0640, 0655, 0400}, ubuntu, private_group, logs_in},
        // no search, no read
        {home, {0400, 0600, 0}, ubuntu, private_group, blocks},
        {ssh_dir, {0400, 0600, 0}, ubuntu, private_group, blocks},
        {keys, {0200, 0100, 0}, ubuntu, private_group, blocks},
        // root's, but usable
        {home, {0755, 0711}, 0, 0, logs_in},
        {ssh_dir, {0755, 0711}, 0, 0, logs_in},
        {keys, {0644}, 0, 0, logs_in},
        {keys, {0640}, 0, private_group, logs_in},
        // root's, and not usable
        {home, {0700}, 0, 0, blocks},
        {ssh_dir, {0700}, 0, 0, blocks},
        {keys, {0600, 0640}, 0, 0, blocks},
        // a third user's, or nobody's
        {home, {0755, 0700}, eve, private_group, blocks},
        {ssh_dir, {0755, 0700}, eve, private_group, blocks},
        {keys, {0644, 0600}, eve, private_group, blocks},
        {home, {0755}, without_account, private_group, blocks},
        {ssh_dir, {0755}, without_account, private_group, blocks},
        {keys, {0644}, without_account, private_group, blocks},
        // only the group is wrong
        {home, {0700}, ubuntu, 0, logs_in},
        {ssh_dir, {0700}, ubuntu, 0, logs_in},
        {keys, {0600}, ubuntu, 0, logs_in},
        // read through a supplementary group
        {keys, {0640}, 0, team, logs_in},
        {ssh_dir, {0710}, 0, team, logs_in},
        // the group's bits are for its members, even when others have more
        {keys, {0604}, 0, private_group, blocks},
        {ssh_dir, {0701}, 0, private_group, blocks},
        {keys, {0044}, ubuntu, private_group, blocks},
    };
    return states;
}

/// safe_path() and open(2), written down a second time and from the manual pages.
bool refused_by_the_manual(Target target, unsigned mode, uid_t owner, bool in_group) {
    if (target == Target::home_root)
        return mode % 2 == 0;
    const bool strict =
        (owner == 0 || owner == ubuntu) && mode / 8 % 8 / 2 % 2 == 0 && mode % 8 / 2 % 2 == 0;
    unsigned mine = mode % 8;
    if (owner == ubuntu)
        mine = mode / 64 % 8;
    else if (in_group)
        mine = mode / 8 % 8;
    const bool usable = target == Target::authorized_keys ? mine / 4 == 1 : mine % 2 == 1;
    return !strict || !usable;
}

} // namespace

TEST_CASE("our verdict on each measured state is that of upstream sshd", "[sshd_rule]") {
    for (const auto& state : measured_states())
        for (const auto mode : state.modes) {
            INFO(word(state.target)
                 << ' ' << to_string(Mode{mode}) << ' ' << state.owner << ':' << state.group);
            CHECK(verdict(state.target, object(state.target, mode, state.owner, state.group)) ==
                  state.verdict);
        }
}

TEST_CASE("our verdict on all 4,096 modes, owners and groups is that of the manuals",
          "[sshd_rule]") {
    for (const auto target : login_targets)
        for (const uid_t owner : {0U, ubuntu, eve, without_account})
            for (const gid_t group : {0U, private_group, team, eve})
                for (unsigned mode = 0; mode <= 07777; ++mode) {
                    const bool in_group = group == private_group || group == team;

                    const auto said = verdict(target, object(target, mode, owner, group));

                    const auto right = refused_by_the_manual(target, mode, owner, in_group);
                    if (said != std::optional{right}) {
                        INFO(word(target)
                             << ' ' << to_string(Mode{mode}) << ' ' << owner << ':' << group);
                        REQUIRE(said == std::optional{right});
                    }
                }
}

TEST_CASE("for root only write bits and the owner count", "[sshd_rule]") {
    const Account root{"root", 0, 0, "/root"};
    const auto target = GENERATE(Target::home, Target::ssh_dir, Target::authorized_keys);

    for (unsigned mode = 0; mode <= 07777; ++mode) {
        const bool writable = (mode & 0022U) != 0;
        REQUIRE(blocks_login(target, object(target, mode, 0, 0), &root, machine()) ==
                std::optional{writable});
        REQUIRE(blocks_login(target, object(target, mode, ubuntu), &root, machine()) == blocks);
    }
}

TEST_CASE("an object of the wrong type is no key file and no directory", "[sshd_rule]") {
    for (const auto type : {FileType::fifo, FileType::socket, FileType::character, FileType::block})
        for (const auto target : login_targets) {
            auto observed = object(target, 0755);
            observed.type = type;

            INFO(word(target) << ' ' << word(type));
            CHECK(verdict(target, observed) == blocks);
        }

    auto directory = object(keys, 0600);
    directory.type = FileType::dir;
    auto file = object(ssh_dir, 0700);
    file.type = FileType::file;
    CHECK(verdict(keys, directory) == blocks);
    CHECK(verdict(ssh_dir, file) == blocks);
}

TEST_CASE("what a link leads to cannot be told", "[sshd_rule]") {
    for (const auto target : login_targets) {
        auto link = object(target, 0777);
        link.type = FileType::symlink;

        CHECK(verdict(target, link) == cannot_tell);
    }
}

TEST_CASE("an ACL decides only where the owner's bits do not", "[sshd_rule]") {
    const auto with_acl = [](Observed observed) {
        observed.has_acl = true;
        return observed;
    };

    SECTION("the owner's own object is judged as ever") {
        CHECK(verdict(keys, with_acl(object(keys, 0640))) == logs_in);
        CHECK(verdict(keys, with_acl(object(keys, 0240))) == blocks);
    }
    SECTION("a writable mask is a group write bit") {
        CHECK(verdict(ssh_dir, with_acl(object(ssh_dir, 0770))) == blocks);
        CHECK(verdict(ssh_dir, with_acl(object(ssh_dir, 0770, 0, 0))) == blocks);
    }
    SECTION("root's object may be usable by a named entry") {
        CHECK(verdict(keys, with_acl(object(keys, 0640, 0, 0))) == cannot_tell);
        CHECK(verdict(home, with_acl(object(home, 0711, 0, private_group))) == cannot_tell);
    }
    SECTION("a third user's object is refused all the same") {
        CHECK(verdict(keys, with_acl(object(keys, 0644, eve))) == blocks);
    }
    SECTION("a home root that others cannot search may have a named entry") {
        CHECK(verdict(home_root, with_acl(object(home_root, 0750, 0, 0))) == cannot_tell);
        CHECK(verdict(home_root, with_acl(object(home_root, 0755, 0, 0))) == logs_in);
    }
}

TEST_CASE("a home root needs to be searched by whoever has a home there, and no more",
          "[sshd_rule]") {
    for (const auto* const who : {&account, static_cast<const Account*>(nullptr)}) {
        CHECK(blocks_login(home_root, object(home_root, 0777, eve, 0), who, machine()) == logs_in);
        CHECK(blocks_login(home_root, object(home_root, 0750, 0, 0), who, machine()) == blocks);
    }
}

TEST_CASE("sshd has no opinion on what only ssh reads", "[sshd_rule]") {
    for (const auto target : {Target::private_key, Target::ssh_config})
        CHECK(verdict(target, object(target, 0777)) == std::optional{false});
}
