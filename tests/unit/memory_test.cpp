// What is remembered of accounts, and the bytes it is kept as.

#include "catch.hpp"
#include "record/memory.hpp"
#include "record/memory_bytes.hpp"
#include "record/memory_record.hpp"

using namespace sshpermd;
using Head = MemoryLoad::Head;

namespace {

const Account alice{"alice", 1001, 1001, "/home/alice"};
const Account bob{"bob", 1002, 1002, "/home/bob"};
constexpr const char* machine = "machine:0123456789abcdef0123456789abcdef";

Account account_of(unsigned number) {
    return {"user" + std::to_string(number), 1000 + number, 100, "/"};
}

LineHash line(unsigned number) {
    LineHash hash{};
    hash[0] = static_cast<std::byte>(number / 256);
    hash[1] = static_cast<std::byte>(number % 256);
    return hash;
}

std::vector<LineHash> lines(unsigned from, unsigned to) {
    std::vector<LineHash> some;
    for (auto number = from; number < to; ++number)
        some.push_back(line(number));
    return some;
}

/// A memory and everything that it recorded.
struct Recorded {
    Memory memory;
    std::vector<std::string> records;

    Recorded() {
        memory.record_to([this](std::string_view record) { records.emplace_back(record); });
    }
    Recorded(const Recorded&) = delete;
    Recorded& operator=(const Recorded&) = delete;
};

std::vector<std::string> records_of(const Memory& memory) {
    std::vector<std::string> records;
    memory.visit_records([&](const MemoryRecord& record) { records.push_back(to_bytes(record)); });
    return records;
}

Memory replayed(const std::vector<std::string>& records) {
    Memory memory;
    for (const auto& record : records)
        REQUIRE(memory.replay(record));
    return memory;
}

/// Something of everything that can happen.
void live(Memory& memory) {
    memory.see(alice);
    memory.learn(alice, "home", "h1");
    memory.learn(alice, "ssh_dir", std::string("s\0\xff", 3));
    memory.learn_lines(alice, lines(0, 200));
    memory.learn_lines(alice, lines(150, 300));
    memory.withhold(alice, "authorized_keys", "k1");
    memory.learn(bob, "home", "h2");
    memory.read_keys(bob);
    memory.withhold(bob, "authorized_keys", "k2");
    memory.release(bob, "authorized_keys");
    memory.forget("alice");
    memory.learn_lines(alice, lines(7, 9));
    memory.withhold(alice, "authorized_keys", "k3");
    for (unsigned i = 0; i < 20; ++i)
        memory.learn(alice, "keys" + std::to_string(i), "k");
}

} // namespace

TEST_CASE("an account that no round has looked at is not seen, and nothing of it is known",
          "[memory]") {
    const Memory memory;

    CHECK_FALSE(memory.has_seen(alice));
    CHECK_FALSE(memory.knows(alice, "home", "h"));
    CHECK_FALSE(memory.knows(alice, "home", ""));
    CHECK_FALSE(memory.knows_line(alice, line(1)));
    CHECK_FALSE(memory.is_withheld(alice, "authorized_keys", ""));
}

TEST_CASE("an object is known by its identity, under the name it was found right", "[memory]") {
    Memory memory;
    memory.learn(alice, "ssh_dir", "s");

    CHECK(memory.has_seen(alice));
    CHECK(memory.knows(alice, "ssh_dir", "s"));
    CHECK_FALSE(memory.knows(alice, "ssh_dir", "another"));
    CHECK_FALSE(memory.knows(alice, "home", "s"));
    CHECK_FALSE(memory.knows(bob, "ssh_dir", "s"));
}

TEST_CASE("that keys were read is known of itself, and not from anything else", "[memory]") {
    Memory memory;
    memory.see(alice);
    memory.learn_lines(alice, lines(0, 1));

    CHECK_FALSE(memory.has_read_keys(alice));

    memory.read_keys(alice);
    for (unsigned i = 0; i < 20; ++i) // more than there is room for
        memory.learn(alice, "keys" + std::to_string(i), "k");

    CHECK(memory.has_read_keys(alice));
    CHECK_FALSE(memory.has_read_keys(bob));
}

TEST_CASE("an object without an identity is never known, nor withheld", "[memory]") {
    Memory memory;

    memory.withhold(alice, "authorized_keys", "k");
    memory.learn(alice, "authorized_keys", "");
    memory.learn(alice, "ssh_dir", "s");
    memory.withhold(alice, "ssh_dir", "");

    CHECK_FALSE(memory.knows(alice, "authorized_keys", ""));
    CHECK_FALSE(memory.is_withheld(alice, "ssh_dir", ""));
}

TEST_CASE("an account made anew with another uid is another account", "[memory]") {
    Memory memory;
    memory.learn(alice, "home", "h");
    memory.learn_lines(alice, lines(0, 1));
    auto anew = alice;
    anew.uid = 2001;

    CHECK_FALSE(memory.has_seen(anew));
    CHECK_FALSE(memory.knows(anew, "home", "h"));

    memory.see(anew);

    CHECK_FALSE(memory.knows_line(anew, line(0)));
    CHECK_FALSE(memory.has_seen(alice));
}

TEST_CASE("a withheld key file stays withheld until it is released or another object", "[memory]") {
    Memory memory;
    memory.withhold(alice, "authorized_keys", "k");

    CHECK(memory.is_withheld(alice, "authorized_keys", "k"));
    CHECK_FALSE(memory.is_withheld(alice, "authorized_keys", "another"));

    memory.release(alice, "authorized_keys");

    CHECK_FALSE(memory.is_withheld(alice, "authorized_keys", "k"));
    CHECK(memory.has_seen(alice));
}

TEST_CASE("a withheld key file is not forgotten for want of room", "[memory]") {
    Memory memory;
    memory.learn(alice, "home", "h");
    memory.withhold(alice, "authorized_keys", "k");

    for (unsigned i = 0; i < 100; ++i)
        memory.learn(alice, "keys" + std::to_string(i), "k");

    CHECK(memory.is_withheld(alice, "authorized_keys", "k"));
    CHECK(memory.knows(alice, "keys99", "k"));
    CHECK_FALSE(memory.knows(alice, "home", "h"));
}

TEST_CASE("of more than 256 lines those in the key file are the last to be forgotten", "[memory]") {
    Recorded recorded;
    auto& memory = recorded.memory;
    memory.learn_lines(alice, lines(0, 256));
    const std::vector<LineHash> now{line(0), line(1000)};

    memory.learn_lines(alice, now);

    CHECK(memory.knows_line(alice, line(0)));
    CHECK(memory.knows_line(alice, line(1000)));
    CHECK_FALSE(memory.knows_line(alice, line(1)));
    CHECK(memory.knows_line(alice, line(2)));

    const auto count = recorded.records.size();
    memory.learn_lines(alice, now);
    CHECK(recorded.records.size() == count);
}

TEST_CASE("a key file with more lines than are remembered is not learned again and again",
          "[memory]") {
    Recorded recorded;
    recorded.memory.learn_lines(alice, lines(0, 300));

    recorded.memory.learn_lines(alice, lines(0, 300));

    CHECK(recorded.records.size() == 1);
    CHECK(recorded.memory.knows_line(alice, line(255)));
    CHECK_FALSE(recorded.memory.knows_line(alice, line(256)));
}

TEST_CASE("what is known already is not recorded again", "[memory]") {
    Recorded recorded;
    const auto do_it = [&memory = recorded.memory] {
        memory.see(alice);
        memory.learn(alice, "home", "h");
        memory.learn_lines(alice, lines(0, 3));
        memory.withhold(alice, "authorized_keys", "k");
        memory.release(bob, "authorized_keys");
        memory.forget("bob");
    };
    do_it();
    CHECK(recorded.records.size() == 4);

    do_it();

    CHECK(recorded.records.size() == 4);
}

TEST_CASE("a replayed memory is equal to the one that was recorded", "[memory]") {
    Recorded recorded;
    live(recorded.memory);

    CHECK(replayed(recorded.records) == recorded.memory);
    CHECK(replayed(records_of(recorded.memory)) == recorded.memory);
    CHECK(records_of(recorded.memory).size() < recorded.records.size());

    recorded.memory.forget_all();

    CHECK(replayed(recorded.records) == Memory{});
    CHECK(records_of(recorded.memory).empty());
}

TEST_CASE("of many accounts each is known by itself, however many are forgotten", "[memory]") {
    const auto identity_of = [](unsigned number) { return "h" + std::to_string(number); };
    constexpr unsigned many = 1000;
    Recorded recorded;
    for (unsigned i = 0; i < many; ++i) {
        recorded.memory.learn(account_of(i), i % 2 == 0 ? "home" : "any", identity_of(i));
        recorded.memory.learn_lines(account_of(i), lines(i, i + 2));
    }

    for (unsigned i = 0; i < many; i += 3)
        recorded.memory.forget(account_of(i).name);

    for (unsigned i = 0; i < many; ++i) {
        const bool is_known = i % 3 != 0;
        const auto* const thing = i % 2 == 0 ? "home" : "any";
        REQUIRE(recorded.memory.has_seen(account_of(i)) == is_known);
        REQUIRE(recorded.memory.knows(account_of(i), thing, identity_of(i)) == is_known);
        REQUIRE(recorded.memory.knows_line(account_of(i), line(i + 1)) == is_known);
        REQUIRE_FALSE(recorded.memory.knows_line(account_of(i), line(i + 2)));
    }
    CHECK(replayed(recorded.records) == recorded.memory);
    CHECK(replayed(records_of(recorded.memory)) == recorded.memory);
    CHECK_FALSE(recorded.memory == Memory{});
}

TEST_CASE("of accounts that are no more some stay remembered, and all that have something withheld",
          "[memory]") {
    Recorded recorded;
    for (unsigned i = 0; i < 100; ++i)
        recorded.memory.learn(account_of(i), "home", "h");
    recorded.memory.withhold(account_of(0), "authorized_keys", "k");
    const auto is_known = [](std::string_view name) { return name.size() < 6; }; // user0 to user9
    recorded.memory.withhold(account_of(99), "authorized_keys", "k");

    recorded.memory.forget_departed(30, is_known);

    CHECK(recorded.memory.size() == 10 + 30 + 1);
    for (unsigned i = 0; i < 10; ++i)
        CHECK(recorded.memory.has_seen(account_of(i)));
    CHECK(recorded.memory.is_withheld(account_of(99), "authorized_keys", "k"));
    CHECK(replayed(recorded.records) == recorded.memory);
    recorded.memory.forget_departed(30, is_known);
    CHECK(recorded.memory.size() == 10 + 30 + 1);
}

TEST_CASE("names and identities that fit into no record are not remembered", "[memory]") {
    Recorded recorded;
    auto longest = alice;
    longest.name = std::string(255, 'a');
    auto too_long = alice;
    too_long.name = std::string(256, 'a');

    recorded.memory.see(too_long);
    recorded.memory.learn(alice, std::string(256, 'n'), "i");
    recorded.memory.learn(alice, "home", std::string(137, 'i'));
    CHECK(recorded.records.empty());

    recorded.memory.learn(longest, std::string(255, 'n'), std::string(136, 'i'));
    recorded.memory.learn_lines(longest, lines(0, 256));
    CHECK(replayed(recorded.records) == recorded.memory);
    CHECK(recorded.records[1].size() == MemoryRecord::longest);
}

TEST_CASE("bytes that are no record change nothing", "[memory]") {
    Recorded recorded;
    live(recorded.memory);
    for (const auto& record : recorded.records)
        for (std::size_t size = 0; size <= record.size(); ++size) {
            Memory memory;
            // A record, cut or with something behind it.
            CHECK_FALSE(
                memory.replay(size < record.size() ? record.substr(0, size) : record + 'x'));
            REQUIRE(memory == Memory{});
        }
    Memory memory;
    CHECK_FALSE(memory.replay("Z"));
    CHECK_FALSE(memory.replay(std::string("F\0", 2)));
    CHECK_FALSE(memory.replay(std::string("L\1a\0\0\0\0\0\0", 9)));
    CHECK_FALSE(memory.replay(std::string("L\1a\0\0\0\0\1\1", 9) + std::string(257 * 16, 'x')));
    CHECK_FALSE(memory.replay(std::string("K\1a\0\0\0\0\1t\x89", 10) + std::string(137, 'x')));
}

TEST_CASE("the memory is read back from its file's bytes", "[memory]") {
    Memory memory;
    live(memory);
    const auto bytes = memory_bytes(machine, memory);

    const auto load = load_memory(bytes, machine);

    CHECK(load.head == Head::right);
    CHECK(load.good == bytes.size());
    CHECK(load.live == bytes.size());
    CHECK(load.memory == memory);
}

TEST_CASE("from the first damaged record on nothing is believed", "[memory]") {
    Recorded recorded;
    live(recorded.memory);
    auto bytes = memory_head(machine);
    std::vector<std::size_t> ends{bytes.size()};
    for (const auto& record : recorded.records)
        ends.push_back(bytes.append(memory_frame(record)).size());
    const auto third = std::vector(recorded.records.begin(), recorded.records.begin() + 3);

    for (auto at = ends[3]; at < ends[4]; ++at) {
        auto damaged = bytes;
        damaged[at] = static_cast<char>(damaged[at] ^ 1);
        const auto load = load_memory(damaged, machine);
        CHECK(load.good == ends[3]);
        CHECK(load.memory == replayed(third));
        CHECK(load_memory(bytes.substr(0, at), machine).good == ends[3]);
    }
    CHECK(load_memory(bytes.substr(0, ends[3]) + std::string(4096, '\0'), machine).good == ends[3]);
}

TEST_CASE("another machine's memory, or another version's, is none", "[memory]") {
    Memory memory;
    live(memory);
    const auto bytes = memory_bytes(machine, memory);
    auto other_version = bytes;
    other_version[8] = 2;
    auto damaged = bytes;
    damaged[20] = 'x';
    const auto none = [](const std::string& text, std::string_view whose, Head head) {
        const auto load = load_memory(text, whose);
        return load.head == head && load.memory == Memory{} && load.good == 0;
    };

    CHECK(none(bytes, "machine:ffffffffffffffffffffffffffffffff", Head::another_machine));
    CHECK(none(bytes, "", Head::another_machine));
    CHECK(none(memory_bytes("", memory), "", Head::another_machine));
    CHECK(none(other_version, machine, Head::another_version));
    CHECK(none(damaged, machine, Head::unreadable));
    CHECK(none("PK\3\4" + bytes, machine, Head::unreadable));
    CHECK(none(bytes.substr(0, memory_head_size - 1), machine, Head::unreadable));
    CHECK(none("", machine, Head::missing));
}
