// The name index: it finds whom the caller means, and forgets only whom it is told to.
#include "catch.hpp"

#include "name_index.hpp"

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
