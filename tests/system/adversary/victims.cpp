// What must never change, within the attacker's reach; and who counts when it does.
#include "adversary/victims.hpp"

#include "catch.hpp"
#include "ssh_server.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace system_tests::adversary {

namespace fs = std::filesystem;

namespace {

constexpr Owner root{0, 0};
constexpr const char* secret_text = "root:$6$secret:19000::::::\n";

std::string path_of(int fd) { return "/proc/self/fd/" + std::to_string(fd); }

Attributes now(const Victims::Victim& victim) {
    struct stat about {};
    ::fstat(victim.held, &about);
    return {about.st_mode & 07777U, {about.st_uid, about.st_gid}};
}

void note(Shared& shared, const Victims::Victim& victim, const char* what, Attributes is) {
    if (shared.count++ == 0)
        std::snprintf(shared.first.data(), shared.first.size(), "%s %s: %04o %u:%u, was %04o %u:%u",
                      victim.path.c_str(), what, is.mode, is.owner.uid, is.owner.gid,
                      victim.right.mode, victim.right.owner.uid, victim.right.owner.gid);
}

void put_right(const Victims::Victim& victim) {
    if (now(victim) == victim.right)
        return;
    const auto& [mode, who] = victim.right;
    if (::fchownat(victim.held, "", who.uid, who.gid, AT_EMPTY_PATH) == 0)
        ::chmod(path_of(victim.held).c_str(), mode);
}

/// A descriptor that becomes readable when any of them is touched.
int watch(const Victims& victims) {
    const int queue = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    for (const auto& victim : victims.all())
        if (::inotify_add_watch(queue, path_of(victim.held).c_str(), IN_ATTRIB) < 0)
            throw std::system_error(errno, std::generic_category(), "inotify_add_watch");
    return queue;
}

Busy::Act changes(const Victims& victims, int queue) {
    return [&victims, queue](Shared& shared) {
        pollfd ready{queue, POLLIN, 0};
        ::poll(&ready, 1, 1);
        std::array<char, 16384> ignored{};
        while (::read(queue, ignored.data(), ignored.size()) > 0)
            ;
        for (const auto& victim : victims.all()) {
            const auto is = now(victim);
            if (is == victim.right)
                continue;
            note(shared, victim, "is changed", is);
            put_right(victim);
        }
    };
}

Busy::Act reads(const Victims& victims) {
    return [&victims](Shared& shared) {
        for (const auto& victim : victims.all()) {
            if (!victim.is_secret)
                continue;
            const int fd = ::open(path_of(victim.held).c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
            if (fd < 0)
                continue;
            note(shared, victim, "can be read", now(victim));
            ::close(fd);
        }
        nap(std::chrono::microseconds{200});
    };
}

bool has_name(const Victims::Victim& victim) {
    struct stat one {};
    struct stat other {};
    return ::lstat(victim.path.c_str(), &one) == 0 && ::fstat(victim.held, &other) == 0 &&
           one.st_ino == other.st_ino;
}

/// The attacker may delete what lies in a home of his own.
bool is_deleted_file(const Victims::Victim& victim) {
    struct stat about {};
    return ::fstat(victim.held, &about) == 0 && S_ISREG(about.st_mode) && about.st_nlink == 0;
}

void write_victim(const fs::path& path, Attributes attributes) {
    const bool is_key_file = path.filename() != "shadow" && path.filename() != "secret" &&
                             path.filename() != "secret.txt";
    write_file(path, is_key_file ? public_key() : secret_text, attributes);
}

int held(const fs::path& path) {
    const int fd = ::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        throw std::system_error(errno, std::generic_category(), path);
    return fd;
}

} // namespace

Victims::Victims(const Account& mallory, const Account& neighbour) {
    const fs::path place{"/home/.victims"};
    directory(place, {0755, root});
    file(place / "open", {0666, root});
    file(place / "authorized_keys", {0644, root});
    file(place / "shadow", {0640, root});
    file(place / "neighbour's", {0640, owner(neighbour)});
    for (const auto& path : siblings()) {
        directory(path, {0700, root});
        directory(path / ".ssh", {0700, root});
        file(path / ".ssh/authorized_keys", {0600, root});
    }
    file(mallory.home / "secret", {0600, root});
    directory(mallory.home / "vault", {0700, root});
    file(mallory.home / "vault/secret.txt", {0600, root});
    file(mallory.home / "foreign", {0640, owner(neighbour)});
    directory(mallory.home / "foreign-dir", {0750, owner(neighbour)});
    file(mallory.home / "foreign-dir/authorized_keys", {0640, owner(neighbour)});
    hold(neighbour.home, {0700, owner(neighbour)});
    hold(neighbour.ssh_dir(), {0700, owner(neighbour)});
    hold(neighbour.authorized_keys(), {0600, owner(neighbour)});
}

Victims::~Victims() {
    for (const auto& victim : all_)
        ::close(victim.held);
}

std::vector<fs::path> Victims::siblings() { return {"/home/backup", "/home/lost+found"}; }

void Victims::file(const fs::path& path, Attributes attributes) {
    write_victim(path, attributes);
    hold(path, attributes);
}

void Victims::directory(const fs::path& path, Attributes attributes) {
    make_directory(path, attributes);
    hold(path, attributes);
}

void Victims::hold(const fs::path& path, Attributes attributes) {
    all_.push_back({path, attributes, (attributes.mode & 04U) == 0, held(path)});
}

void Victims::put_back(const Account& mallory) {
    // Outermost first: a name in a directory is looked for where that directory was before.
    for (const auto& victim : all_) {
        if (has_name(victim))
            continue;
        for (const auto* const name : {".ssh", ".ssh/authorized_keys", "ssh.aside"}) {
            const auto found = mallory.home / name;
            struct stat one {};
            struct stat other {};
            if (::lstat(found.c_str(), &one) == 0 && ::fstat(victim.held, &other) == 0 &&
                one.st_ino == other.st_ino) {
                fs::remove_all(victim.path);
                fs::rename(found, victim.path);
            }
        }
    }
    for (auto& victim : all_) {
        if (is_deleted_file(victim)) {
            fs::remove_all(victim.path);
            write_victim(victim.path, victim.right);
            ::close(std::exchange(victim.held, held(victim.path)));
        }
        put_right(victim); // who acts on it only now does not count for the next attack
        INFO(victim.path);
        CHECK(has_name(victim));
    }
}

Monitor::Monitor(const Victims& victims, const Account& mallory)
    : changes_{nullptr, changes(victims, watch(victims))}, reads_{&mallory, reads(victims)} {}

} // namespace system_tests::adversary
