// The bytes of an inotify descriptor, as changes.
#include "catch.hpp"

#include "watch/inotify_buffer.hpp"

#include <sys/inotify.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

using namespace sshpermd;

namespace {

/// What the kernel would write, and what it never would.
class Bytes {
  public:
    Bytes& event(int wd, std::uint32_t mask, std::string_view name = {}, std::size_t padding = 0) {
        return raw(wd, mask, static_cast<std::uint32_t>(name.size() + padding), name, padding);
    }

    /// An event whose `len` says anything at all.
    Bytes& raw(int wd, std::uint32_t mask, std::uint32_t len, std::string_view name,
               std::size_t padding = 0) {
        inotify_event head{};
        head.wd = wd;
        head.mask = mask;
        head.cookie = 0xdeadbeef;
        head.len = len;
        const auto* const at = reinterpret_cast<const std::byte*>(&head);
        bytes_.insert(bytes_.end(), at, at + sizeof head);
        for (const char c : name)
            bytes_.push_back(static_cast<std::byte>(c));
        bytes_.insert(bytes_.end(), padding, std::byte{0});
        return *this;
    }

    const std::vector<std::byte>& all() const { return bytes_; }
    std::size_t size() const { return bytes_.size(); }

  private:
    std::vector<std::byte> bytes_;
};

struct Heard {
    int wd;
    std::uint32_t mask;
    std::string name;

    friend bool operator==(const Heard&, const Heard&) = default;
};

/// Every change in the bytes. They are copied to the heap so that a sanitizer sees a read past
/// them.
std::vector<Heard> walk(std::vector<std::byte> bytes) {
    std::vector<Heard> heard;
    InotifyBuffer buffer{bytes};
    Change change;
    while (buffer.next(change))
        heard.push_back({change.wd, change.mask, std::string{change.name}});
    return heard;
}

using All = std::vector<Heard>;

} // namespace

TEST_CASE("no bytes are no changes", "[inotify]") { CHECK(walk({}).empty()); }

TEST_CASE("every event of one read is heard, in order", "[inotify]") {
    const auto bytes = Bytes{}
                           .event(1, IN_ATTRIB, "alice", 11)
                           .event(2, IN_CREATE | IN_ISDIR, ".ssh", 12)
                           .event(1, IN_ATTRIB)
                           .event(7, IN_IGNORED);

    CHECK(walk(bytes.all()) == All{{1, IN_ATTRIB, "alice"},
                                   {2, IN_CREATE | IN_ISDIR, ".ssh"},
                                   {1, IN_ATTRIB, ""},
                                   {7, IN_IGNORED, ""}});
}

TEST_CASE("a name comes without its padding", "[inotify]") {
    const std::size_t padding = GENERATE(1U, 2U, 11U, 16U, 255U);

    CHECK(walk(Bytes{}.event(1, IN_CREATE, "key", padding).event(2, IN_ATTRIB).all()) ==
          All{{1, IN_CREATE, "key"}, {2, IN_ATTRIB, ""}});
}

TEST_CASE("a name of nothing but padding is empty", "[inotify]") {
    CHECK(walk(Bytes{}.event(1, IN_CREATE, "", 16).all()) == All{{1, IN_CREATE, ""}});
}

TEST_CASE("a name need not end in a zero, and may have any byte but that", "[inotify]") {
    std::string name;
    for (int c = 255; c > 0; --c)
        name += static_cast<char>(c);

    CHECK(walk(Bytes{}.event(1, IN_CREATE, name).event(2, IN_ATTRIB).all()) ==
          All{{1, IN_CREATE, name}, {2, IN_ATTRIB, ""}});
}

TEST_CASE("the overflow event is heard like any other", "[inotify]") {
    const auto bytes =
        Bytes{}.event(3, IN_CREATE, "a", 15).event(-1, IN_Q_OVERFLOW).event(4, IN_ATTRIB, "b", 15);

    CHECK(walk(bytes.all()) ==
          All{{3, IN_CREATE, "a"}, {-1, IN_Q_OVERFLOW, ""}, {4, IN_ATTRIB, "b"}});
}

TEST_CASE("a tail that is no whole event ends the walk, wherever it was cut", "[inotify]") {
    Bytes bytes;
    std::vector<std::size_t> ends{0};
    for (const auto* const name : {"alice", "", "authorized_keys"}) {
        bytes.event(1, IN_ATTRIB, name, *name == '\0' ? 0 : 1);
        ends.push_back(bytes.size());
    }

    for (std::size_t size = 0; size <= bytes.size(); ++size) {
        const std::vector<std::byte> part{bytes.all().begin(),
                                          bytes.all().begin() + static_cast<std::ptrdiff_t>(size)};

        const auto heard = walk(part);

        std::size_t whole = 0;
        while (whole + 1 < ends.size() && ends[whole + 1] <= size)
            ++whole;
        INFO(size << " of " << bytes.size() << " bytes");
        REQUIRE(heard.size() == whole);
    }
}

TEST_CASE("a length that leads beyond the bytes ends the walk", "[inotify]") {
    const std::uint32_t len = GENERATE(5U, 16U, 0x7fffffffU, 0x80000000U, 0xfffffff0U, 0xffffffffU);

    CHECK(walk(Bytes{}.raw(1, IN_CREATE, len, "abcd").all()).empty());
    CHECK(walk(Bytes{}.event(9, IN_ATTRIB).raw(1, IN_CREATE, len, "abcd").all()) ==
          All{{9, IN_ATTRIB, ""}});
}

TEST_CASE("at the end the last change is left as it was", "[inotify]") {
    const auto bytes = Bytes{}.event(5, IN_ATTRIB, "x", 15).raw(6, IN_CREATE, 99, "y");
    InotifyBuffer buffer{bytes.all()};
    Change change;

    REQUIRE(buffer.next(change));
    CHECK_FALSE(buffer.next(change));
    CHECK_FALSE(buffer.next(change));

    CHECK(change.wd == 5);
    CHECK(change.name == "x");
}

TEST_CASE("events need not be aligned", "[inotify]") {
    const auto events = Bytes{}.event(1, IN_CREATE, "abc").event(2, IN_ATTRIB, "d", 2);
    std::vector<std::byte> shifted{std::byte{0}};
    shifted.insert(shifted.end(), events.all().begin(), events.all().end());
    InotifyBuffer buffer{std::span<const std::byte>{shifted}.subspan(1)};
    Change change;

    CHECK(buffer.next(change));
    CHECK(buffer.next(change));
    CHECK(change.wd == 2);
    CHECK_FALSE(buffer.next(change));
}
