// The watch map: what a change at a place means, and which places hang on a watch.
#include "catch.hpp"

#include "watch/watch_map.hpp"

#include <sys/inotify.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using namespace sshpermd;

namespace {

using Wanted = Meaning::Wanted;

const WatchedNames names{"home", {"authorized_keys", "authorized_keys2"}};

const WatchedNames with_client_files{"home", {"authorized_keys", "id_keys"}, true, true};

Meaning meaning(PlaceKind kind, std::uint32_t mask, std::string_view name) {
    return interpret(kind, {1, mask, name}, names);
}

constexpr std::array kinds{PlaceKind::above_root, PlaceKind::home_root,     PlaceKind::home,
                           PlaceKind::ssh_dir,    PlaceKind::account_files, PlaceKind::canary};

/// What can happen to a child, one bit at a time and as the kernel sends it for directories.
const std::vector<std::uint32_t> changes{
    IN_CREATE, IN_CREATE | IN_ISDIR, IN_MOVED_TO,   IN_MOVED_TO | IN_ISDIR,
    IN_DELETE, IN_DELETE | IN_ISDIR, IN_MOVED_FROM, IN_MOVED_FROM | IN_ISDIR,
    IN_ATTRIB, IN_ATTRIB | IN_ISDIR, IN_CLOSE_WRITE};

/// What can happen to the watched directory itself.
const std::vector<std::uint32_t> own_changes{IN_ATTRIB | IN_ISDIR, IN_DELETE_SELF, IN_MOVE_SELF,
                                             IN_IGNORED, IN_UNMOUNT};

bool is_arrival(std::uint32_t mask) { return (mask & (IN_CREATE | IN_MOVED_TO)) != 0; }

struct Row {
    PlaceKind kind;
    std::string_view name;
    Wanted wanted;
    std::optional<Target> appeared; ///< when the change is an arrival
};

const std::vector<Row>& table() {
    static const std::vector<Row> rows{
        {PlaceKind::above_root, "home", Wanted::look_at_root, {}},
        {PlaceKind::above_root, "homes", Wanted::nothing, {}},
        {PlaceKind::above_root, "hom", Wanted::nothing, {}},
        {PlaceKind::above_root, "tmp", Wanted::nothing, {}},
        {PlaceKind::home_root, "alice", Wanted::look_at_home, Target::home},
        {PlaceKind::home_root, ".ssh", Wanted::look_at_home, Target::home},
        {PlaceKind::home_root, "\xff\n", Wanted::look_at_home, Target::home},
        {PlaceKind::home, ".ssh", Wanted::look_at_account, Target::ssh_dir},
        {PlaceKind::home, ".ssh2", Wanted::nothing, {}},
        {PlaceKind::home, ".SSH", Wanted::nothing, {}},
        {PlaceKind::home, "ssh", Wanted::nothing, {}},
        {PlaceKind::home, "authorized_keys", Wanted::nothing, {}},
        {PlaceKind::ssh_dir, "authorized_keys", Wanted::look_at_account, Target::authorized_keys},
        {PlaceKind::ssh_dir, "authorized_keys2", Wanted::look_at_account, Target::authorized_keys},
        {PlaceKind::ssh_dir, "authorized_keys3", Wanted::nothing, {}},
        {PlaceKind::ssh_dir, "authorized_key", Wanted::nothing, {}},
        {PlaceKind::ssh_dir, "known_hosts", Wanted::nothing, {}},
        {PlaceKind::ssh_dir, ".ssh", Wanted::nothing, {}},
        {PlaceKind::account_files, "passwd", Wanted::read_accounts, {}},
        {PlaceKind::account_files, "group", Wanted::read_accounts, {}},
        {PlaceKind::account_files, "nsswitch.conf", Wanted::read_accounts, {}},
        {PlaceKind::account_files, "passwd-", Wanted::nothing, {}},
        {PlaceKind::account_files, "passwd.lock", Wanted::nothing, {}},
        {PlaceKind::account_files, "shadow", Wanted::nothing, {}},
        {PlaceKind::account_files, "hosts", Wanted::nothing, {}},
        {PlaceKind::canary, "canary", Wanted::sign_of_life, {}},
    };
    return rows;
}

std::vector<Place> places_of(const WatchMap& map, int wd) {
    std::vector<Place> places;
    map.visit(wd, [&](Place place) { places.push_back(place); });
    std::sort(places.begin(), places.end(), [](Place a, Place b) { return a.owner < b.owner; });
    return places;
}

} // namespace

TEST_CASE("a change of a name means what the place makes of it, whatever the change", "[watch]") {
    for (const auto& row : table())
        for (const auto mask : changes) {
            const auto said = meaning(row.kind, mask, row.name);

            const auto appeared = is_arrival(mask) ? row.appeared : std::nullopt;
            INFO("place " << static_cast<int>(row.kind) << ' ' << row.name << " mask " << mask);
            CHECK(said.wanted == row.wanted);
            CHECK(said.appeared == appeared);
        }
}

TEST_CASE("a change of the watched directory itself is looked at", "[watch]") {
    const auto wanted = [](PlaceKind kind) {
        switch (kind) {
        case PlaceKind::above_root:
        case PlaceKind::home_root: return Wanted::look_at_root;
        case PlaceKind::home:
        case PlaceKind::ssh_dir: return Wanted::look_at_account;
        case PlaceKind::account_files:
        case PlaceKind::canary: break;
        }
        return Wanted::nothing;
    };

    for (const auto kind : kinds)
        for (const auto mask : own_changes) {
            const auto said = meaning(kind, mask, "");

            INFO("place " << static_cast<int>(kind) << " mask " << mask);
            CHECK(said.wanted == wanted(kind));
            CHECK(!said.appeared.has_value());
        }
}

TEST_CASE("only the configured key files count", "[watch]") {
    const WatchedNames other{"", {"keys"}};

    const auto said = [&](std::string_view name) {
        return interpret(PlaceKind::ssh_dir, {1, IN_CREATE, name}, other).wanted;
    };

    CHECK(said("keys") == Wanted::look_at_account);
    CHECK(said("authorized_keys") == Wanted::nothing);
}

TEST_CASE("a watched directory reports chmods where nobody else does", "[watch]") {
    CHECK((mask_of(PlaceKind::home_root) & IN_ATTRIB) != 0); // of homes, and its own
    CHECK((mask_of(PlaceKind::ssh_dir) & IN_ATTRIB) != 0);   // of key files, and its own
    CHECK((mask_of(PlaceKind::home) & IN_ATTRIB) == 0);      // the home root reports a home's
}

TEST_CASE("each place hears of what comes and goes in it", "[watch]") {
    for (const auto kind : kinds) {
        if (kind == PlaceKind::canary) // only touched
            continue;
        const auto mask = mask_of(kind);
        INFO("place " << static_cast<int>(kind));
        CHECK((mask & IN_CREATE) != 0);
        CHECK((mask & IN_MOVED_TO) != 0);
        if (kind != PlaceKind::account_files) {
            CHECK((mask & IN_DELETE) != 0);
            CHECK((mask & IN_MOVED_FROM) != 0);
        }
    }
}

TEST_CASE("the way to a home root is heard of when it ends or leads elsewhere", "[watch]") {
    CHECK((mask_of(PlaceKind::above_root) & IN_DELETE_SELF) != 0);
    CHECK((mask_of(PlaceKind::above_root) & IN_MOVE_SELF) != 0);
    CHECK((mask_of(PlaceKind::home_root) & IN_DELETE_SELF) != 0);
}

TEST_CASE("account files and key files are heard of when they were written", "[watch]") {
    CHECK((mask_of(PlaceKind::account_files) & IN_CLOSE_WRITE) != 0);
    CHECK((mask_of(PlaceKind::ssh_dir) & IN_CLOSE_WRITE) != 0);
}

TEST_CASE("nothing is watched that a user can make noise with for free", "[watch]") {
    for (const auto kind : kinds) {
        INFO("place " << static_cast<int>(kind));
        CHECK((mask_of(kind) & (IN_ACCESS | IN_MODIFY | IN_OPEN | IN_CLOSE_NOWRITE)) == 0);
    }
    CHECK((mask_of(PlaceKind::home) & IN_CLOSE_WRITE) == 0);
}

TEST_CASE("one watch can stand for several places", "[watch]") {
    WatchMap map;
    const Place first{PlaceKind::home_root, 0};
    const Place second{PlaceKind::above_root, 1};

    map.add(7, first);
    map.add(7, second);
    map.add(8, first);

    CHECK(places_of(map, 7) == std::vector{first, second});
    CHECK(places_of(map, 8) == std::vector{first});
    CHECK(places_of(map, 9).empty());
    CHECK(map.contains(7));
    CHECK_FALSE(map.contains(9));
    CHECK(map.size() == 3);
}

TEST_CASE("a place added twice is there once", "[watch]") {
    WatchMap map;
    const Place place{PlaceKind::home, 3};

    map.add(7, place);
    map.add(7, place);

    CHECK(map.size() == 1);
    map.remove(7, place);
    CHECK_FALSE(map.contains(7));
}

TEST_CASE("removing one place leaves the others of its watch", "[watch]") {
    WatchMap map;
    const Place first{PlaceKind::home, 1};
    const Place second{PlaceKind::home, 2};
    map.add(7, first);
    map.add(7, second);

    map.remove(7, first);
    map.remove(7, {PlaceKind::ssh_dir, 2});
    map.remove(8, second);

    CHECK(places_of(map, 7) == std::vector{second});
}

TEST_CASE("a watch that the kernel dropped stands for nothing", "[watch]") {
    WatchMap map;
    map.add(7, {PlaceKind::home, 1});
    map.add(7, {PlaceKind::home, 2});
    map.add(8, {PlaceKind::home, 3});

    map.remove_all(7);

    CHECK_FALSE(map.contains(7));
    CHECK(map.contains(8));
    CHECK(map.count(PlaceKind::home) == 1);
    map.add(9, {PlaceKind::home, 4});
    map.add(10, {PlaceKind::home, 5});
    map.remove_all(9);
    CHECK_FALSE(map.contains(9));
    CHECK(map.contains(8));
    CHECK(map.contains(10));
    map.remove_all(10);
    CHECK(map.count(PlaceKind::home) == 1);
    map.add(8, {PlaceKind::home, 3});
    map.add(8, {PlaceKind::ssh_dir, 3});
    map.remove(8, {PlaceKind::home, 3});
    CHECK(map.count(PlaceKind::home) == 0);
    CHECK(map.count(PlaceKind::ssh_dir) == 1);
    map.clear();
    CHECK(map.count(PlaceKind::ssh_dir) == 0);
    CHECK(map.size() == 0);
}

TEST_CASE("of very many watches each stands for its own, whoever has gone", "[watch]") {
    constexpr int many = 1000;
    WatchMap map;
    const auto place = [](int wd) {
        return Place{wd % 2 == 0 ? PlaceKind::home : PlaceKind::ssh_dir,
                     static_cast<std::uint32_t>(wd)};
    };
    for (int wd = many; wd > 0; --wd) // in whatever order they come
        map.add(wd, place(wd));
    for (int wd = 1; wd <= many; ++wd)
        if (wd % 10 != 0)
            map.remove(wd, place(wd));

    for (int wd = 1; wd <= many; ++wd)
        CHECK(map.contains(wd) == (wd % 10 == 0));
    CHECK(map.size() == many / 10);
    CHECK(map.count(PlaceKind::home) == many / 10);
    CHECK(map.count(PlaceKind::ssh_dir) == 0);
    map.add(3, place(3)); // the same again, where one was removed
    CHECK(places_of(map, 3) == std::vector{place(3)});
    CHECK(places_of(map, many) == std::vector{place(many)});
}

TEST_CASE("the names of client files matter where they are looked after", "[watch_map]") {
    const auto wanted = [](std::string_view name, const WatchedNames& of) {
        return interpret(PlaceKind::ssh_dir, {1, IN_CREATE, name}, of);
    };
    for (const std::string_view name : {"id_rsa", "id_", "id_keys.old", "config"}) {
        CHECK(wanted(name, names).wanted == Wanted::nothing);
        CHECK(wanted(name, with_client_files).wanted == Wanted::look_at_account);
        CHECK(wanted(name, with_client_files).appeared ==
              (name == "config" ? Target::ssh_config : Target::private_key));
    }
    CHECK(wanted("id_keys", with_client_files).appeared == Target::authorized_keys);
    for (const std::string_view name : {"id_rsa.pub", "config2", "known_hosts", "id"})
        CHECK(wanted(name, with_client_files).wanted == Wanted::nothing);
}
