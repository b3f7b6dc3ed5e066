// Gates: what may be given to an account, and by what a repair that was interrupted is known.
#include "catch.hpp"

#include "finding/gate.hpp"

#include <string>
#include <vector>

using namespace sshpermd;

namespace {

constexpr uid_t alice = 20001;

Observed dir(Mode mode, uid_t owner, gid_t group) {
    Observed observed;
    observed.type = FileType::dir;
    observed.mode = mode;
    observed.owner = owner;
    observed.group = group;
    return observed;
}

} // namespace

TEST_CASE("a frozen .ssh is root's, with a mode that no honest one has", "[gate]") {
    for (const auto mode : {frozen_mode, frozen_unexposed_mode}) {
        CHECK(is_frozen(dir(mode, 0, 0)));
        CHECK_FALSE(is_frozen(dir(mode, alice, 0)));
        CHECK_FALSE(is_frozen(dir(mode, 0, alice)));
        auto file = dir(mode, 0, 0);
        file.type = FileType::file;
        CHECK_FALSE(is_frozen(file));
    }
    for (const unsigned mode : {0700U, 01600U, 01777U, 0500U})
        CHECK_FALSE(is_frozen(dir(Mode{mode}, 0, 0)));
}

TEST_CASE("a home that is being closed has one mode as the account's and another as root's",
          "[gate]") {
    CHECK(is_closing(dir(closing_mode, alice, 0), alice));
    CHECK(is_closing(dir(closing_mode_of_roots, 0, 0), alice));
    CHECK_FALSE(is_closing(dir(closing_mode, 0, 0), alice));
    CHECK_FALSE(is_closing(dir(closing_mode_of_roots, alice, 0), alice));
    CHECK_FALSE(is_closing(dir(closing_mode, alice + 1, 0), alice));
    CHECK_FALSE(is_closing(dir(closing_mode, alice, alice), alice));
    CHECK_FALSE(is_closing(dir(Mode{0700}, alice, 0), alice));
    CHECK_FALSE(is_closing(dir(Mode{0700}, 0, 0), alice));
}

TEST_CASE("what ssh, its agents and its users' tools keep in .ssh is known by name", "[gate]") {
    for (const auto* const name :
         {"authorized_keys", "authorized_keys2", "known_hosts", "known_hosts.old", "id_ed25519",
          "id_rsa.pub", "config", "config.d", "rc", "agent", "server.pem", "x.ppk", "x.key"})
        CHECK(is_ssh_file_name(name));
    for (const auto* const name :
         {"", "shadow", "id", "xauthorized_keys", "config.old", ".pub.", "pub", "rc2"})
        CHECK_FALSE(is_ssh_file_name(name));
}

TEST_CASE("a .ssh is given to its account when nothing in it is a stranger's", "[gate]") {
    const auto refused = [](const DirEntry& entry) {
        const std::vector<DirEntry> entries{{"authorized_keys", FileType::file, alice}, entry};
        return refuse_ssh_dir(entries, alice);
    };

    CHECK_FALSE(refused({"id_rsa", FileType::file, 0}));
    CHECK_FALSE(refused({"config.d", FileType::dir, alice}));
    CHECK(refused({"id_rsa", FileType::file, alice + 1}) == RefusalReason::unknown_entries);
    CHECK(refused({"id_rsa", FileType::symlink, alice}) == RefusalReason::unknown_entries);
    CHECK(refused({"shadow", FileType::file, 0}) == RefusalReason::unknown_entries);

    std::vector<DirEntry> many(max_ssh_entries, {"id_rsa", FileType::file, alice});
    CHECK_FALSE(refuse_ssh_dir(many, alice));
    many.push_back(many.front());
    CHECK(refuse_ssh_dir(many, alice) == RefusalReason::unknown_entries);
}

TEST_CASE("a key file is given to its account when it is one and nothing else", "[gate]") {
    Observed file;
    file.mode = Mode{0644};
    const KeyFileContent empty{};

    CHECK_FALSE(refuse_key_file(file, empty));
    for (const unsigned set_id : {04644U, 02644U}) {
        auto observed = file;
        observed.mode = Mode{set_id};
        CHECK(refuse_key_file(observed, empty) == RefusalReason::set_id);
    }
    for (const unsigned links : {0U, 2U}) {
        auto observed = file;
        observed.links = links;
        CHECK(refuse_key_file(observed, empty) == RefusalReason::hard_linked);
    }
    auto content = empty;
    content.has_capabilities = true;
    CHECK(refuse_key_file(file, content) == RefusalReason::set_id);
    content = empty;
    content.too_large = true;
    CHECK(refuse_key_file(file, content) == RefusalReason::too_large);
    content = empty;
    content.text = "root:x:0:0::/root:/bin/sh\n";
    CHECK(refuse_key_file(file, content) == RefusalReason::not_a_key_file);
}
