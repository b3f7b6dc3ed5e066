// The name index: it finds whom the caller means, and forgets only whom it is told to.
#include "catch.hpp"

#include "policy/account.hpp"
#include "policy/name_index.hpp"

#include <optional>
#include <random>
#include <string>
#include <vector>

using namespace sshpermd;

TEST_CASE("a name is found by whoever has the names", "[name_index]") {
    const std::vector<std::string> names{"alice", "bob", "alice"};
    NameIndex index;
    for (std::uint32_t id = 0; id < names.size(); ++id)
        index.add(names[id], id);
    const auto find = [&](std::string_view name) {
        return index.find(name, [&](std::uint32_t id) { return names[id] == name; });
    };

    CHECK(find("bob") == 1U);
    CHECK_FALSE(find("carol"));
    index.remove("alice", 0);
    CHECK(find("alice") == 2U);
    index.remove("alice", 2);
    index.remove("alice", 2);
    CHECK_FALSE(find("alice"));
    CHECK(index.size() == 1);
}

TEST_CASE("a name whose hash is another's is not taken for it", "[name_index]") {
    NameIndex index;
    index.add("alice", 7);

    CHECK_FALSE(index.find("alice", [](std::uint32_t) { return false; }));
}

TEST_CASE("of many with one hash each is found, and only those are gone that were removed",
          "[name_index]") {
    constexpr std::uint32_t many = 300;
    NameIndex index;
    for (std::uint32_t id = 0; id < many; ++id)
        index.add("alice", id);

    for (std::uint32_t id = 0; id < many; id += 3)
        index.remove("alice", id);

    CHECK(index.size() == 200);
    for (std::uint32_t id = 0; id < many; ++id) {
        const auto found = index.find("alice", [id](std::uint32_t one) { return one == id; });
        CHECK(found.has_value() == (id % 3 != 0));
    }
}

TEST_CASE("names that come and go are found as long as they are there", "[name_index]") {
    constexpr std::uint32_t many = 3000;
    const bool is_reserved = GENERATE(false, true);
    std::vector<std::string> names;
    for (std::uint32_t id = 0; id < many; ++id)
        names.push_back("/home/user" + std::to_string(id));
    NameIndex index;
    if (is_reserved)
        index.reserve(many);
    std::vector<bool> is_there(many);
    std::mt19937 random{7};

    for (int change = 0; change < 40'000; ++change) {
        const auto id = static_cast<std::uint32_t>(random() % many);
        const bool is_to_come = (random() % 4 != 0) == (change < 20'000); // then most go
        if (is_to_come == is_there[id])
            continue;
        is_there[id] = is_to_come;
        if (is_to_come)
            index.add(names[id], id);
        else
            index.remove(names[id], id);
    }

    std::uint32_t count = 0;
    std::uint32_t wrong = 0;
    for (std::uint32_t id = 0; id < many; ++id) {
        const auto found = index.find(
            names[id], [&](std::uint32_t one) { return is_there[one] && names[one] == names[id]; });
        wrong += found == (is_there[id] ? std::optional{id} : std::nullopt) ? 0U : 1U;
        count += is_there[id] ? 1U : 0U;
    }
    CHECK(wrong == 0);
    CHECK(index.size() == count);
    CHECK((count > 0 && count < many));
}

TEST_CASE("the names of those in a vector are had, and those that are added to it",
          "[name_index]") {
    std::vector<Account> accounts{{"alice", 1, 1, "/"}, {"alice", 2, 2, "/"}, {"bob", 3, 3, "/"}};
    NamesOf names{accounts};
    CHECK(names.has("alice"));
    CHECK(names.has("bob"));
    CHECK_FALSE(names.has("carol"));

    for (unsigned i = 0; i < 100; ++i) {
        accounts.push_back({"user" + std::to_string(i), i, i, "/"});
        CHECK_FALSE(names.has(accounts.back().name));
        names.added_one();
    }

    for (const auto& account : accounts)
        CHECK(names.has(account.name));
}
