// The stage of the adversary: his home, what he may give the repairer to swallow, and his time.
#include "adversary/stage.hpp"

#include "catch.hpp"
#include "ssh_server.hpp"

#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace system_tests::adversary {

namespace fs = std::filesystem;

namespace {

bool are_same(const fs::path& path, int held) {
    struct stat one {};
    struct stat other {};
    return ::lstat(path.c_str(), &one) == 0 && ::fstat(held, &other) == 0 &&
           one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/// Where in /home the held directory is now.
fs::path find(int held) {
    for (const auto& entry : fs::directory_iterator{"/home"})
        if (are_same(entry.path(), held))
            return entry.path();
    throw std::runtime_error("a directory has left /home");
}

} // namespace

std::chrono::milliseconds duration() {
    const char* const given = std::getenv("SSHPERMD_ATTACK_SECONDS");
    if (given != nullptr)
        return std::chrono::seconds{std::strtol(given, nullptr, 10)};
    return std::chrono::milliseconds{is_short() ? 250 : 60'000};
}

bool is_short() {
    const char* const is_long = std::getenv("SSHPERMD_LONG");
    return std::getenv("SSHPERMD_ATTACK_SECONDS") == nullptr &&
           (is_long == nullptr || std::string{is_long} != "1");
}

Stash::Stash(const Account& mallory) {
    make_directory(mallory.home / "stash", {0777, owner(mallory)});
    dir_ = ::open((mallory.home / "stash").c_str(), O_PATH | O_CLOEXEC);
    fill();
}

Stash::~Stash() { ::close(dir_); }

void Stash::fill() const {
    const auto line = public_key() + "\n";
    for (int i = 0; i < stashed; ++i) {
        const int fd = ::openat(dir_, std::to_string(i).c_str(),
                                O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0644);
        if (fd < 0)
            continue;
        CHECK(::write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size()));
        ::close(fd);
    }
}

Siblings::Siblings(std::vector<fs::path> names) : names_{std::move(names)} {
    for (const auto& name : names_)
        held_.push_back(::open(name.c_str(), O_PATH | O_CLOEXEC));
}

Siblings::~Siblings() {
    for (const int fd : held_)
        ::close(fd);
}

void Siblings::put_back() const {
    set_mode("/home", 0755);
    for (std::size_t i = 0; i < names_.size(); ++i) {
        if (are_same(names_[i], held_[i]))
            continue;
        const auto from = find(held_[i]);
        if (is_there(names_[i]))
            exchange(from, names_[i]);
        else
            fs::rename(from, names_[i]);
    }
}

void start_over(const Account& mallory) {
    own(mallory.home, owner(mallory));
    fs::remove_all(mallory.home / "ssh.aside");
    fs::remove_all(mallory.ssh_dir());
    make_directory(mallory.ssh_dir(), {0700, owner(mallory)});
    write_file(mallory.authorized_keys(), public_key() + "\n", {0600, owner(mallory)});
}

void repair_by_path(const Account& mallory) {
    struct stat about {};
    for (const auto& path : {mallory.home, mallory.ssh_dir(), mallory.authorized_keys()}) {
        const bool fits =
            ::stat(path.c_str(), &about) == 0 && (S_ISDIR(about.st_mode) || about.st_nlink == 1);
        if (!fits || (about.st_uid == mallory.uid && (about.st_mode & 077U) == 0))
            continue;
        if (::chown(path.c_str(), mallory.uid, mallory.gid) == 0)
            ::chmod(path.c_str(), S_ISDIR(about.st_mode) ? 0700 : 0600);
    }
}

} // namespace system_tests::adversary
