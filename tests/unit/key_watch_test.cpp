// Key watch: what is told of a key file that was read before.
#include "catch.hpp"
#include "event/key_event.hpp"
#include "keys/base64.hpp"
#include "keys/fingerprint.hpp"
#include "keys/key_watch.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace sshpermd;

namespace {

const KeyRules rules{1024, {"20261121090000", "20261121090000"}};
const std::string file = "authorized_keys";

std::string blob_of(int number) {
    std::string point(32, '\0');
    point[0] = static_cast<char>(number % 256);
    point[1] = static_cast<char>(number / 256);
    return ed25519_blob(point);
}
std::string line_of(int number) { return "ssh-ed25519 " + encode_base64(blob_of(number)) + "\n"; }
std::string fingerprint_of(int number) { return sha256_fingerprint(blob_of(number)); }

/// What is new after the texts were read one after the other.
std::vector<KeyNews> news_of(const std::vector<std::string>& texts) {
    KeyWatch watch;
    for (const auto& text : texts)
        watch.read(file, text, rules);
    return watch.take_news();
}

TEST_CASE("the keys that came and went are told, but not of the first reading", "[keywatch]") {
    CHECK(news_of({line_of(1)}).empty());

    const auto news = news_of({line_of(1) + line_of(2), line_of(3) + line_of(2)});

    REQUIRE(news.size() == 1);
    CHECK(news[0].file == file);
    CHECK(news[0].appeared == std::vector{fingerprint_of(3)});
    CHECK(news[0].gone == std::vector{fingerprint_of(1)});
    CHECK(news[0].accepted == 2);
    CHECK(news[0].ignored.empty());
}

TEST_CASE("order, comments, options and repetition are no news", "[keywatch]") {
    CHECK(news_of({line_of(1) + line_of(2), line_of(2) + "# x\n" + line_of(1),
                   line_of(1) + line_of(1) + "no-pty " + line_of(2)})
              .empty());
}

TEST_CASE("each change is told once", "[keywatch]") {
    KeyWatch watch;
    watch.read(file, line_of(1), rules);
    watch.read(file, line_of(1) + line_of(2), rules);
    CHECK(watch.take_news().size() == 1);

    watch.read(file, line_of(1) + line_of(2), rules);

    CHECK(watch.take_news().empty());
}

TEST_CASE("ignored lines are told of the first reading, and once for each state", "[keywatch]") {
    const std::string bad = "oops " + line_of(1);
    const auto news = news_of({line_of(2) + bad, "\n" + line_of(2) + bad, bad + bad});

    REQUIRE(news.size() == 2);
    CHECK(news[0].ignored == std::vector<KeyNews::Line>{{2, Ignored::unknown_option}});
    CHECK(news[0].accepted == 1);
    CHECK(news[1].ignored.size() == 2);
    CHECK(news[1].accepted == 0);
    CHECK(news[1].gone == std::vector{fingerprint_of(2)});
    CHECK(news_of({bad, line_of(1), bad}).size() == 3);
}

TEST_CASE("a key that an operator added is not told again", "[keywatch]") {
    KeyWatch watch;
    watch.expect(file, fingerprint_of(1)); // of a file that was not read yet: nothing to compare
    watch.read(file, line_of(1), rules);
    watch.expect(file, fingerprint_of(2));
    watch.expect(file, fingerprint_of(2));

    watch.read(file, line_of(1) + line_of(2), rules);

    CHECK(watch.take_news().empty());
}

TEST_CASE("of a file with very many keys nothing is remembered", "[keywatch]") {
    std::string many;
    for (int i = 0; i <= static_cast<int>(KeyWatch::most_keys); ++i)
        many += line_of(i);

    CHECK(news_of({many, line_of(1)}).empty());
    CHECK(news_of({line_of(1), many}).empty());
    CHECK(news_of({many, line_of(1), line_of(2)}).size() == 1);
}

TEST_CASE("each file is remembered by itself, and all of many keys", "[keywatch]") {
    std::string many;
    for (int i = 0; i < static_cast<int>(KeyWatch::most_keys); ++i)
        many += line_of(i);
    KeyWatch watch;
    watch.read(file, many, rules);
    watch.read("authorized_keys2", line_of(1) + "oops\n", rules);
    watch.read("", line_of(2), rules);
    CHECK(watch.take_news().size() == 1);

    watch.read(file, many.substr(line_of(0).size()), rules);
    watch.read("authorized_keys2", line_of(1) + "oops\n" + line_of(3), rules);
    watch.read("", line_of(2), rules);

    const auto news = watch.take_news();
    REQUIRE(news.size() == 2);
    CHECK(news[0].gone == std::vector{fingerprint_of(0)});
    CHECK(news[0].appeared.empty());
    CHECK(news[1].appeared == std::vector{fingerprint_of(3)});
    CHECK(news[1].gone.empty());
    CHECK_FALSE(news[1].is_unusable());
}

TEST_CASE("keys are told in the order of their fingerprints", "[keywatch]") {
    std::string some;
    std::vector<std::string> fingerprints;
    for (int i = 1; i <= 20; ++i) {
        some += line_of(i);
        fingerprints.push_back(fingerprint_of(i));
    }
    std::sort(fingerprints.begin(), fingerprints.end());

    const auto news = news_of({line_of(0) + some, line_of(0), some});

    REQUIRE(news.size() == 2);
    CHECK(news[0].gone == fingerprints);
    CHECK(news[1].appeared == fingerprints);
}

TEST_CASE("a change and what cannot be used are two events", "[keywatch]") {
    const auto news = news_of({line_of(1), "oops " + line_of(1)});
    REQUIRE(news.size() == 1);

    const auto events = events_of(news[0], {"alice", 1000, 1000, "/home/alice"},
                                  "/home/alice/.ssh/authorized_keys", Trigger::inotify);

    REQUIRE(events.size() == 2);
    CHECK(events[0].type == EventType::keys_changed);
    CHECK(events[0].message == "authorized_keys has changed: 1 key went");
    CHECK(events[1].type == EventType::keys_unusable);
    CHECK(events[1].message == "sshd ignores line 1 of authorized_keys (unknown_option), and there "
                               "is no key in it that it takes");
}

} // namespace
