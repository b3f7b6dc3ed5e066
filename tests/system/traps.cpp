// Traps: what a user can put in the place of a target.
#include "traps.hpp"

#include "files.hpp"

#include <cerrno>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>

namespace system_tests {

namespace fs = std::filesystem;

namespace {

constexpr Owner root{0, 0};

void check(int result) {
    if (result != 0)
        throw std::system_error(errno, std::generic_category(), "setting a trap");
}

/// A file of root's beside the homes, so that it can be linked to.
const fs::path secret = "/home/.secret";
const fs::path elsewhere = "/srv/elsewhere";

void replace_key(const People& people, const std::function<void(const fs::path&)>& make) {
    const auto key = people.mallory.authorized_keys();
    fs::remove(key);
    make(key);
}

/// Sets .ssh aside and lets `make` put something else there.
void replace_ssh_dir(const People& people, const std::function<void(const fs::path&)>& make) {
    const auto ssh = people.mallory.ssh_dir();
    fs::rename(ssh, people.mallory.home / "set-aside");
    make(ssh);
}

/// A directory of somebody else's, made under another name: from its first moment it is not root's.
void appear(const fs::path& at, const fs::path& made_as, const Account& somebody) {
    make_directory(made_as, {0777, owner(somebody)});
    fs::rename(made_as, at);
}

void make_socket(const fs::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.native().copy(address.sun_path, sizeof address.sun_path - 1);
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    ::close(fd);
    check(bound);
}

} // namespace

People make_people(Accounts& accounts) {
    People people{accounts.add("mallory"), accounts.add("neighbour")};
    write_file(secret, "root:$6$secret:19000::::::\n", {0640, root});
    make_directory(elsewhere, {0755, root});
    write_file(elsewhere / "authorized_keys", "# not mallory's\n", {0644, root});
    return people;
}

const std::vector<Trap>& traps() {
    constexpr auto key = Target::authorized_keys;
    static const std::vector<Trap> all{
        {"the key is a symlink to a file of root's",
         key,
         {"symlink"},
         [](const People& people) {
             replace_key(people, [](const fs::path& at) { fs::create_symlink(secret, at); });
         }},
        {"the key is a symlink to a neighbour's key",
         key,
         {"symlink"},
         [](const People& people) {
             replace_key(people, [&](const fs::path& at) {
                 set_mode(people.neighbour.home / "everybody's", 0644);
                 fs::create_symlink(people.neighbour.home / "everybody's", at);
             });
         }},
        {"the key is a hard link to a file of root's",
         key,
         {"hard_linked", "foreign_owner"},
         [](const People& people) {
             replace_key(people, [](const fs::path& at) { fs::create_hard_link(secret, at); });
         }},
        {"the key is a hard link to a neighbour's file",
         key,
         {"hard_linked", "foreign_owner"},
         [](const People& people) {
             replace_key(people, [&](const fs::path& at) {
                 fs::create_hard_link(people.neighbour.home / "everybody's", at);
             });
         }},
        {"the key is a FIFO",
         key,
         {"wrong_type"},
         [](const People& people) {
             replace_key(people, [&](const fs::path& at) {
                 check(::mkfifo(at.c_str(), 0644));
                 own(at, owner(people.mallory));
             });
         }},
        {"the key is a socket",
         key,
         {"wrong_type"},
         [](const People& people) {
             replace_key(people, [&](const fs::path& at) {
                 make_socket(at);
                 own(at, owner(people.mallory));
             });
         }},
        {"the key is a directory",
         key,
         {"wrong_type"},
         [](const People& people) {
             replace_key(people, [&](const fs::path& at) {
                 make_directory(at, {0755, owner(people.mallory)});
             });
         }},
        {"the key is another user's",
         key,
         {"foreign_owner"},
         [](const People& people) {
             replace_key(people, [&](const fs::path& at) {
                 write_file(at, "x", {0666, owner(people.neighbour)});
             });
         }},
        {"the key is root's, and no key file",
         key,
         {"foreign_owner", "not_a_key_file"},
         [](const People& people) {
             replace_key(people, [](const fs::path& at) {
                 write_file(at, "root:$6$secret:19000::::::\n", {0640, root});
             });
         }},
        {".ssh is a symlink",
         Target::ssh_dir,
         {"symlink"},
         [](const People& people) {
             replace_ssh_dir(
                 people, [](const fs::path& at) { fs::create_directory_symlink(elsewhere, at); });
         }},
        {".ssh is a file",
         Target::ssh_dir,
         {"wrong_type"},
         [](const People& people) {
             replace_ssh_dir(people, [&](const fs::path& at) {
                 write_file(at, "", {0644, owner(people.mallory)});
             });
         }},
        {".ssh is root's, with things in it",
         Target::ssh_dir,
         {"foreign_owner", "unknown_entries"},
         [](const People& people) {
             fs::create_symlink(secret, people.mallory.ssh_dir() / "link");
             own(people.mallory.ssh_dir(), root);
             set_mode(people.mallory.ssh_dir(), 0755);
         }},
        {".ssh is another user's",
         Target::ssh_dir,
         {"foreign_owner"},
         [](const People& people) {
             // A new one: the old one would be known, and given back.
             fs::rename(people.mallory.ssh_dir(), people.mallory.home / "old-ssh");
             appear(people.mallory.ssh_dir(), people.mallory.home / "new-ssh", people.neighbour);
         }},
        {"the home is another user's",
         Target::home,
         {"foreign_owner"},
         [](const People& people) {
             fs::rename(people.mallory.home, "/home/.old");
             appear(people.mallory.home, "/home/.new", people.neighbour);
         }},
        {"the home is a symlink",
         Target::home,
         {"symlink"},
         [](const People& people) {
             fs::rename(people.mallory.home, "/home/.moved");
             set_mode("/home/.moved", 0755);
             fs::create_directory_symlink("/home/.moved", people.mallory.home);
         }},
    };
    return all;
}

} // namespace system_tests
