// Account answers: as bytes and back, and what a new generation is made of.
#include "catch.hpp"

#include "policy/account_answer.hpp"

#include <algorithm>
#include <string>
#include <utility>

using namespace sshpermd;

namespace {

const Account alice{"alice", 1001, 1001, "/home/alice"};
const Account ldap_bob{"b\xff\nob", 200'001, 4'294'967'294, ""};

AccountAnswer answer() {
    AccountAnswer answer;
    answer.has_silent_service = true;
    answer.services = {"passwd:files", "group:files"};
    answer.accounts = {alice, ldap_bob};
    answer.groups = {{"staff", 50, {"alice", "b\xff\nob"}}, {"nobody's", 60, {}}};
    answer.undecided_accounts = {"carol"};
    answer.undecided_groups = {"guests"};
    return answer;
}

std::string number(std::uint32_t value) {
    std::string bytes;
    for (unsigned shift = 0; shift < 32; shift += 8)
        bytes += static_cast<char>(value >> shift & 0xFFU);
    return bytes;
}

bool has(const Accounts& accounts, const std::string& name) {
    return accounts.by_name(name) != nullptr;
}

} // namespace

TEST_CASE("what the account child is asked and answers comes through as it is", "[accounts]") {
    const AccountQuestion question{
        {"/home", "/srv/h"}, {"alice", "b\xff\nob"}, {"staff"}, {"passwd:sss"}};

    CHECK(parse_account_question(to_bytes(question)) == question);
    CHECK(parse_account_question(to_bytes(AccountQuestion{})) == AccountQuestion{});
    CHECK(parse_account_answer(to_bytes(answer())) == answer());
    AccountAnswer failed;
    failed.error = 11;
    CHECK(parse_account_answer(to_bytes(failed)) == failed);
}

TEST_CASE("an answer that is cut short anywhere, or goes on, is none", "[accounts]") {
    const auto bytes = to_bytes(answer());

    for (std::size_t length = 0; length < bytes.size(); ++length)
        CHECK_FALSE(parse_account_answer(bytes.substr(0, length)).has_value());
    CHECK_FALSE(parse_account_answer(bytes + "x").has_value());
    CHECK_FALSE(parse_account_answer(bytes + bytes).has_value());
    CHECK_FALSE(parse_account_question(bytes).has_value());
}

TEST_CASE("an answer with a length or a name that cannot be is none", "[accounts]") {
    const std::string head = "sshpermd accounts! 1\n";
    const auto rest = number(0) + number(0) + number(0) + number(0) + number(0) + "end\n";
    REQUIRE(parse_account_answer(head + number(0) + number(0) + rest).has_value());
    REQUIRE(parse_account_answer(head + number(4095) + number(1) + rest).has_value());

    CHECK_FALSE(parse_account_answer("sshpermd accounts! 2\n" + number(0) + number(0) + rest));
    CHECK_FALSE(parse_account_answer(head + number(4096) + number(0) + rest));
    CHECK_FALSE(parse_account_answer(head + number(0) + number(2) + rest));
    const auto with_accounts = [&](const std::string& list) {
        return head + number(0) + number(0) + number(0) + list + rest.substr(8);
    };
    const auto one = [](const std::string& name) {
        return number(1) + number(static_cast<std::uint32_t>(name.size())) + name + number(1) +
               number(1) + number(0);
    };
    REQUIRE(parse_account_answer(with_accounts(one("a"))).has_value());
    CHECK_FALSE(parse_account_answer(with_accounts(one(""))).has_value());
    CHECK_FALSE(parse_account_answer(with_accounts(one(std::string("a\0b", 3)))).has_value());
    CHECK_FALSE(parse_account_answer(with_accounts(number(0xffffffff))).has_value());
    CHECK_FALSE(parse_account_answer(with_accounts(number(1) + number(0xffffffff))).has_value());
}

TEST_CASE("an account is gone only when that is certain", "[accounts]") {
    const Accounts known{{alice, ldap_bob, {"carol", 3, 3, "/home/carol"}},
                         {{"staff", 50, {}}, {"guests", 70, {"carol"}}, {"old", 80, {}}}};
    auto without_bob = answer();
    std::erase(without_bob.accounts, ldap_bob);

    const auto now = generation(without_bob, &known);

    CHECK(has(now, "alice"));
    CHECK(has(now, "carol"));
    CHECK_FALSE(has(now, ldap_bob.name));
    CHECK(now.group_gid("guests") == 70);
    CHECK_FALSE(now.group_gid("old").has_value());
    CHECK(now.has_everybody());
    CHECK_FALSE(has(generation(without_bob, nullptr), "carol"));
}

TEST_CASE("while nobody answers, local accounts come and nobody goes", "[accounts]") {
    const Accounts known{{alice, ldap_bob}, {{"staff", 50, {"alice"}}}};
    const Accounts local{{{"alice", 9, 9, "/elsewhere"}, {"dora", 4, 4, "/home/dora"}},
                         {{"staff", 51, {}}, {"dora", 4, {}}},
                         Coverage::local_only};

    const auto now = with_local(known, local);

    CHECK(now.all() == std::vector<Account>{alice, ldap_bob, {"dora", 4, 4, "/home/dora"}});
    CHECK(now.group_gid("staff") == 50);
    CHECK(now.group_gid("dora") == 4);
    CHECK(now.has_everybody());
    CHECK_FALSE(with_local(local, local).has_everybody());
}
