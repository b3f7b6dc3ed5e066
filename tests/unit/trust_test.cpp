// Trust: who vouches for what is in a key file that others could have written.

#include "catch.hpp"
#include "keys.hpp"
#include "keys/fingerprint.hpp"
#include "record/trust.hpp"

using namespace sshpermd;

namespace {

const Account& alice() {
    static const Account account{"alice", 1001, 1001, "/home/alice"};
    return account;
}

LineHash hash_of(char letter) { return significant_lines(key_line(letter)).front().hash; }

Memory knowing(const std::string& letters) {
    Memory memory;
    memory.see(alice());
    std::vector<LineHash> lines;
    for (const char letter : letters)
        lines.push_back(hash_of(letter));
    memory.learn_lines(alice(), lines);
    return memory;
}

KeyFileContent holding(std::string text) { return {std::move(text), false, false}; }

} // namespace

TEST_CASE("known keys are trusted in any order, number and company of comments", "[trust]") {
    const auto memory = knowing("abc");
    const Vouchers vouchers{memory, alice(), OnExposed::first, false, {}, {}};

    for (const auto& text :
         {std::string{}, std::string{"# nothing\n\n"}, key_line('c') + "\n" + key_line('a', "x y"),
          key_line('a') + key_line('a')})
        CHECK(judge_content(holding(text), vouchers).trusted);
}

TEST_CASE("one unknown key is enough, and is named", "[trust]") {
    const auto memory = knowing("abc");
    const Vouchers vouchers{memory, alice(), OnExposed::first, false, {}, {}};
    const auto text = key_line('a') + key_line('m') + key_line('b');

    const auto judgement = judge_content(holding(text), vouchers);

    CHECK_FALSE(judgement.trusted);
    CHECK(judgement.facts.sha256 == sha256_fingerprint(text));
    REQUIRE(judgement.facts.fingerprints.size() == 1);
    CHECK(judgement.facts.fingerprints[0] == significant_lines(key_line('m'))[0].fingerprint);
}

TEST_CASE("a known key with other options is another line", "[trust]") {
    const auto memory = knowing("a");
    const Vouchers vouchers{memory, alice(), OnExposed::first, false, {}, {}};

    CHECK_FALSE(judge_content(holding("command=\"/bin/sh\" " + key_line('a')), vouchers).trusted);
}

TEST_CASE("a line that is no key to us may be one to another sshd", "[trust]") {
    const auto memory = knowing("a");
    const Vouchers vouchers{memory, alice(), OnExposed::first, false, {}, {}};

    const auto judgement =
        judge_content(holding(key_line('a') + "ssh-new@example.org AAAA\n"), vouchers);

    CHECK_FALSE(judgement.trusted);
    CHECK(judgement.facts.fingerprints.empty());
}

TEST_CASE("the first round trusts, unless the configuration never does", "[trust]") {
    const Memory memory;
    const auto content = holding(key_line('m'));

    CHECK(judge_content(content, {memory, alice(), OnExposed::first, true, {}, {}}).trusted);
    CHECK_FALSE(judge_content(content, {memory, alice(), OnExposed::first, false, {}, {}}).trusted);
    CHECK(judge_content(content, {memory, alice(), OnExposed::repair, false, {}, {}}).trusted);
    CHECK_FALSE(
        judge_content(content, {memory, alice(), OnExposed::withhold, true, {}, {}}).trusted);
}

TEST_CASE("the cloud vouches for its launch key, and only for that", "[trust]") {
    const auto memory = knowing("a");
    const auto launch = [] { return std::vector{hash_of('l')}; };

    const Vouchers vouchers{memory, alice(), OnExposed::first, false, {}, launch};
    CHECK(judge_content(holding(key_line('a') + key_line('l')), vouchers).trusted);
    CHECK_FALSE(judge_content(holding(key_line('l') + key_line('m')), vouchers).trusted);

    const Vouchers strict{memory, alice(), OnExposed::withhold, false, {}, launch};
    CHECK_FALSE(judge_content(holding(key_line('l')), strict).trusted);
}

TEST_CASE("an operator vouches for one content, byte for byte", "[trust]") {
    const Memory memory;
    const auto text = key_line('m');
    const auto trust = sha256_fingerprint(text);

    const Vouchers vouchers{memory, alice(), OnExposed::withhold, false, trust, {}};
    CHECK(judge_content(holding(text), vouchers).trusted);
    CHECK_FALSE(judge_content(holding(text + "\n"), vouchers).trusted);
}

TEST_CASE("what was not read whole is vouched for by nobody but the configuration", "[trust]") {
    const auto memory = knowing("a");
    KeyFileContent content = holding(key_line('a'));
    content.too_large = true;
    const auto hash = sha256_fingerprint(content.text);

    CHECK_FALSE(
        judge_content(content, {memory, alice(), OnExposed::first, false, hash, {}}).trusted);
    CHECK(judge_content(content, {memory, alice(), OnExposed::repair, false, {}, {}}).trusted);
}

TEST_CASE("of many keys the first are named and the rest is counted", "[trust]") {
    const Memory memory;
    std::string text;
    for (char letter = 'A'; letter < 'A' + 20; ++letter)
        text += key_line(letter);

    const auto facts =
        judge_content(holding(text), {memory, alice(), OnExposed::first, false, {}, {}}).facts;

    CHECK(facts.fingerprints.size() == ContentFacts::most);
    CHECK(facts.more == 4);
}

TEST_CASE("another account's keys are not this one's", "[trust]") {
    const auto memory = knowing("a");
    const Account bob{"bob", 1002, 1002, "/home/bob"};
    const Account reborn{"alice", 2001, 2001, "/home/alice"};

    for (const auto& account : {bob, reborn}) {
        const Vouchers vouchers{memory, account, OnExposed::first, false, {}, {}};
        CHECK_FALSE(judge_content(holding(key_line('a')), vouchers).trusted);
    }
}
