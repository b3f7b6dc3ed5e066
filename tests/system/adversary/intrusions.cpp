// What an intruder does with another's login while its files are open: plants a key, or a way to
// plant one later.
#include "adversary/intrusions.hpp"

#include "files.hpp"
#include "process.hpp"
#include "targets.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <fcntl.h>
#include <linux/fs.h>
#include <string_view>
#include <sys/mman.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace system_tests::adversary {

namespace fs = std::filesystem;

namespace {

bool write_line(int fd, const std::string& line) {
    return ::write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size());
}

bool append(const std::string& path, const std::string& line) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return false;
    const bool is_written = write_line(fd, line);
    ::close(fd);
    return is_written;
}

bool swap(const std::string& one, const std::string& two) {
    return ::renameat2(AT_FDCWD, one.c_str(), AT_FDCWD, two.c_str(), RENAME_EXCHANGE) == 0;
}

/// Until others can no longer write the file, or for so long that they could as well have.
void wait_until_closed(int fd) {
    struct stat about {};
    for (int i = 0; i < 3000 && ::fstat(fd, &about) == 0 && (about.st_mode & 022U) != 0; ++i)
        nap(std::chrono::microseconds{100});
    nap(std::chrono::milliseconds{20});
}

void append_key(const Scene& scene, Shared& shared) {
    if (!append(scene.key, scene.line))
        return;
    ++shared.count;
    nap(std::chrono::milliseconds{100});
}

/// A directory that he once held needs no way to it: only its own mode is asked. He takes what he
/// can, from the home inwards.
void keep_directory(const Scene& scene, Shared& shared) {
    static int ssh_dir = -1; // each intruder is a process of its own
    if (ssh_dir < 0)
        ssh_dir = ::open((scene.home + "/.ssh").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    const int fd = ssh_dir < 0 ? -1
                               : ::openat(ssh_dir, "authorized_keys",
                                          O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return;
    shared.count += write_line(fd, scene.line);
    ::close(fd);
    nap(std::chrono::milliseconds{100});
}

void rename_her_own_file(const Scene& scene, Shared& shared) {
    shared.count += ::rename((scene.home + "/mallory.pub").c_str(), scene.key.c_str()) == 0;
}

/// What root once copied to him with the wrong owner: sshd trusts files of root's.
void move_a_file_of_roots(const Scene& scene, Shared& shared) {
    shared.count += ::rename("from-root", scene.key.c_str()) == 0;
}

void keep_descriptor(const Scene& scene, Shared& shared) {
    const int fd = ::open(scene.key.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
    if (fd < 0)
        return;
    wait_until_closed(fd);
    shared.count += write_line(fd, scene.line);
    ::close(fd);
}

void keep_mapping(const Scene& scene, Shared& shared) {
    const int fd = ::open(scene.key.c_str(), O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return;
    void* const memory =
        ::mmap(nullptr, scene.line.size(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    struct stat about {};
    const bool fits =
        ::fstat(fd, &about) == 0 && about.st_size >= static_cast<off_t>(scene.line.size());
    const int path = ::open(scene.key.c_str(), O_PATH | O_CLOEXEC);
    ::close(fd);
    if (memory != MAP_FAILED && fits) {
        wait_until_closed(path);
        std::memcpy(memory, scene.line.data(), scene.line.size());
        ++shared.count;
    }
    ::close(path);
}

void link_her_own_file(const Scene& scene, Shared& shared) {
    const auto notes = scene.home + "/everybody's";
    if (::access(scene.home.c_str(), X_OK) != 0 || ::unlink(scene.key.c_str()) != 0)
        return;
    const bool is_linked = ::link(notes.c_str(), scene.key.c_str()) == 0;
    const int fd = ::open(notes.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
    shared.count += fd >= 0 && write_line(fd, scene.line) && is_linked;
    ::close(fd);
}

void replace_ssh_dir(const Scene& scene, Shared& shared) {
    const auto backup = scene.home + "/ssh-backup";
    if (append(backup + "/authorized_keys", scene.line) && swap(backup, scene.home + "/.ssh"))
        ++shared.count;
}

void plant_symlink(const Scene& scene, Shared& shared) {
    struct stat about {};
    if (::lstat(scene.key.c_str(), &about) != 0 || S_ISLNK(about.st_mode) ||
        ::unlink(scene.key.c_str()) != 0)
        return;
    shared.count += ::symlink(planted_by_root, scene.key.c_str()) == 0;
}

void rename_home(const Scene& scene, Shared& shared) {
    const auto older = scene.home + ".old";
    struct stat about {};
    if (::stat((older + "/.ssh/authorized_keys").c_str(), &about) == 0 && about.st_size == 0)
        append(older + "/.ssh/authorized_keys", scene.line);
    if (swap(older, scene.home)) {
        ++shared.count;
        nap(std::chrono::seconds{1}); // he does not swap them back
    }
}

/// misc.c safe_path() of OpenSSH, with what Debian allows to a group left out.
bool is_safe(const struct stat& about) {
    return (about.st_uid == 0 || about.st_uid == ::getuid()) && (about.st_mode & 022U) == 0;
}

bool is_safe(const std::string& directory) {
    struct stat about {};
    return ::stat(directory.c_str(), &about) == 0 && is_safe(about);
}

bool accepts(const Scene& scene) {
    const int fd = ::open(scene.key.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return false;
    struct stat about {};
    struct stat named {};
    const bool is_link = ::lstat(scene.key.c_str(), &named) == 0 && S_ISLNK(named.st_mode);
    std::array<char, 4096> text{};
    const bool is_read = ::fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && is_safe(about) &&
                         (is_link || (is_safe(scene.home + "/.ssh") && is_safe(scene.home)));
    const auto got = is_read ? ::read(fd, text.data(), text.size()) : 0;
    ::close(fd);
    return got > 0 && std::string_view{text.data(), static_cast<std::size_t>(got)}.find(
                          scene.line) != std::string_view::npos;
}

} // namespace

const std::vector<Intrusion>& intrusions() {
    using enum Opening;
    static const std::vector<Intrusion> all{
        {"writes a key", by_root, true, append_key},
        {"writes a key after chmod -R", by_herself, true, keep_directory},
        {"keeps the directory", ssh_dir_later, true, keep_directory},
        {"renames her own file", by_root, true, rename_her_own_file},
        {"moves a file of root's", by_root, true, move_a_file_of_roots},
        {"keeps a descriptor", by_root, true, keep_descriptor},
        {"keeps a mapping", by_root, true, keep_mapping},
        {"links her own file", by_root, true, link_her_own_file},
        {"replaces .ssh", by_root, true, replace_ssh_dir},
        {"plants a symlink", by_root, false, plant_symlink},
        {"renames the home", with_home_root, true, rename_home},
    };
    return all;
}

void furnish(const Account& alice, const Account& mallory, const std::string& intruders_line) {
    const auto who = owner(alice);
    const auto older = fs::path{alice.home.native() + ".old"};
    fs::remove_all(older);
    fs::remove_all(alice.home);
    make_home(alice);
    write_file(alice.home / "mallory.pub", intruders_line, {0644, who});
    write_file(mallory.home / "from-root", intruders_line, {0644, {0, 0}});
    make_directory(alice.home / "ssh-backup", {0755, who});
    write_file(alice.home / "ssh-backup/authorized_keys", public_key(), {0666, who});
    make_home(alice, older);
    set_mode(older, 0755);
    set_mode(older / ".ssh", 0755);
    write_file(older / ".ssh/authorized_keys", "", {0666, who});
    if (!is_there("/srv/keys"))
        make_directory("/srv/keys", {0755, {0, 0}});
    write_file(planted_by_root, intruders_line, {0644, {0, 0}});
}

void open_up(const Account& alice, Opening opening) {
    if (opening == Opening::with_home_root)
        set_mode("/home", 0777);
    if (opening == Opening::by_herself) {
        run({"chmod", "-R", "777", alice.home}, {alice.uid, alice.gid});
    } else if (opening == Opening::ssh_dir_later) {
        set_mode(alice.home, 0755);
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
        set_mode(alice.home, 0700);
        std::this_thread::sleep_for(std::chrono::milliseconds{300});
        set_mode(alice.authorized_keys(), 0666);
        set_mode(alice.ssh_dir(), 0777);
    } else {
        open_up(alice);
    }
}

Busy::Act would_accept(const Scene& scene) {
    return [&scene](Shared& shared) {
        shared.count += accepts(scene);
        nap(std::chrono::microseconds{50});
    };
}

} // namespace system_tests::adversary
