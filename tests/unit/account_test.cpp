// Accounts: one generation of users and groups, and who shares a group with whom.
#include "catch.hpp"

#include "policy/account.hpp"

#include <utility>

using namespace sshpermd;

namespace {

constexpr gid_t wheel = 10;
constexpr gid_t staff = 50;

Accounts machine() {
    return {{{"root", 0, 0, "/root"},
             {"alice", 1001, 1001, "/home/alice"},
             {"bob", 1002, 1002, "/home/bob"},
             {"carol", 1003, staff, "/home/carol"},
             {"dave", 1004, staff, "/home/dave"},
             {"alias", 1001, 1001, "/home/alias"}},
            {{"root", 0, {}},
             {"alice", 1001, {}},
             {"bob", 1002, {"alice"}},
             {"staff", staff, {}},
             {"wheel", wheel, {"root", "alice"}},
             {"ghosts", 60, {"nobody-knows-me"}},
             {"alice2", 1001, {}}}};
}

} // namespace

TEST_CASE("users and groups are found by name and by number", "[account]") {
    const auto accounts = machine();

    REQUIRE(accounts.by_name("bob") != nullptr);
    CHECK(accounts.by_name("bob")->uid == 1002);
    CHECK(accounts.by_name("BOB") == nullptr);
    CHECK(accounts.by_name("") == nullptr);
    CHECK(accounts.user_name(1003) == "carol");
    CHECK(accounts.group_name(staff) == "staff");
    CHECK(accounts.group_gid("wheel") == wheel);
    CHECK(!accounts.user_name(4711).has_value());
    CHECK(!accounts.group_name(4711).has_value());
    CHECK(!accounts.group_gid("nobody").has_value());
}

TEST_CASE("of several accounts with one number the first gives the name", "[account]") {
    const auto accounts = machine();

    CHECK(accounts.user_name(1001) == "alice");
    CHECK(accounts.group_name(1001) == "alice");
}

TEST_CASE("a group is shared when another account has it, as primary group or as a member",
          "[account]") {
    const auto accounts = machine();

    CHECK_FALSE(accounts.others_in_group(1001, 1001)); // her own; "alias" is the same uid
    CHECK(accounts.others_in_group(1001, 1002));       // hers, seen from bob
    CHECK(accounts.others_in_group(1002, 1002));       // alice is a member of bob's
    CHECK(accounts.others_in_group(staff, 1003));      // dave's primary group, too
    CHECK(accounts.others_in_group(staff, 1001));      // two others
}

TEST_CASE("root in a group counts as nobody else", "[account]") {
    const auto accounts = machine();

    CHECK_FALSE(accounts.others_in_group(wheel, 1001)); // root and alice
    CHECK(accounts.others_in_group(wheel, 1002));       // alice, seen from bob
    CHECK_FALSE(accounts.others_in_group(0, 0));
}

TEST_CASE("root's primary group is shared with root alone until another account has it",
          "[account]") {
    const Accounts accounts{
        {{"root", 0, 0, "/root"}, {"alice", 1001, 0, "/home/alice"}, {"bob", 1002, 1002, "/b"}},
        {{"root", 0, {}}}};

    CHECK_FALSE(accounts.others_in_group(0, 1001));
    CHECK(accounts.others_in_group(0, 1002));
}

TEST_CASE("a group with three primary owners is shared for each of them", "[account]") {
    const Accounts accounts{{{"a", 1, 100, "/"}, {"b", 2, 100, "/"}, {"c", 3, 100, "/"}},
                            {{"users", 100, {}}}};

    CHECK(accounts.others_in_group(100, 1));
    CHECK(accounts.others_in_group(100, 2));
    CHECK(accounts.others_in_group(100, 3));
}

TEST_CASE("what nobody knows counts as having others: a group, and a member of one", "[account]") {
    const auto accounts = machine();

    CHECK(accounts.others_in_group(4711, 1001));
    CHECK(accounts.others_in_group(60, 1001));
}

TEST_CASE("the members of every group with the same number count", "[account]") {
    const Accounts accounts{
        {{"alice", 1001, 1001, "/home/alice"}, {"bob", 1002, 1002, "/home/bob"}},
        {{"alice", 1001, {}}, {"project", 1001, {"bob"}}, {"bob", 1002, {}}}};

    CHECK(accounts.others_in_group(1001, 1001));
    CHECK(accounts.in_group(*accounts.by_name("bob"), 1001));
}

TEST_CASE("a login has its primary group and the groups that list it", "[account]") {
    const auto accounts = machine();
    const auto& alice = *accounts.by_name("alice");

    CHECK(accounts.in_group(alice, 1001));
    CHECK(accounts.in_group(alice, 1002));
    CHECK(accounts.in_group(alice, wheel));
    CHECK_FALSE(accounts.in_group(alice, staff));
    CHECK_FALSE(accounts.in_group(alice, 0));
    CHECK_FALSE(accounts.in_group(alice, 4711));
}

TEST_CASE("a generation still answers after it was moved", "[account]") {
    auto first = machine();

    const auto second = std::move(first);

    REQUIRE(second.by_name("carol") != nullptr);
    CHECK(second.by_name("carol")->home == "/home/carol");
    CHECK(second.others_in_group(staff, 1003));
}

TEST_CASE("two generations are equal when their users and groups are", "[account]") {
    const Accounts fewer{{{"root", 0, 0, "/root"}}, {{"root", 0, {}}}};
    const Accounts joined{{{"root", 0, 0, "/root"}}, {{"root", 0, {"alice"}}}};

    CHECK(machine() == machine());
    CHECK_FALSE(fewer == machine());
    CHECK_FALSE(fewer == joined);
}

TEST_CASE("while not everybody is known any group may have others", "[account]") {
    const Account alice{"alice", 1001, 1001, "/home/alice"};
    const Accounts everybody{{alice}, {{"alice", 1001, {}}}};
    const Accounts local{{alice}, {{"alice", 1001, {}}}, Coverage::local_only};

    CHECK_FALSE(everybody.others_in_group(1001, 1001));
    CHECK(local.others_in_group(1001, 1001));
    CHECK_FALSE(local == everybody);
}
