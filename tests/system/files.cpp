// Files as the tests make them and as they find them.
#include "files.hpp"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace system_tests {

namespace fs = std::filesystem;

namespace {

void check(int result, const fs::path& path) {
    if (result != 0)
        throw std::system_error(errno, std::generic_category(), path.native());
}

std::optional<struct stat> look(const fs::path& path) {
    struct stat found {};
    if (::lstat(path.c_str(), &found) == 0)
        return found;
    if (errno != ENOENT && errno != ENOTDIR)
        check(-1, path);
    return {};
}

struct stat must_look(const fs::path& path) {
    struct stat found {};
    check(::lstat(path.c_str(), &found), path);
    return found;
}

std::string content(const fs::path& path, mode_t mode) {
    if (S_ISREG(mode))
        return read_file(path);
    return S_ISLNK(mode) ? fs::read_symlink(path).native() : std::string{};
}

Entry entry(const fs::path& path) {
    const auto found = must_look(path);
    return {found.st_mode,        {found.st_uid, found.st_gid}, found.st_ino,
            found.st_nlink,       content(path, found.st_mode), found.st_mtim.tv_sec,
            found.st_mtim.tv_nsec};
}

std::string words(const Entry& entry) {
    std::ostringstream out;
    out << std::oct << entry.mode << std::dec << ' ' << entry.owner.uid << ':' << entry.owner.gid
        << " inode " << entry.inode << " links " << entry.links << " bytes " << entry.content.size()
        << " written " << entry.written << '.' << entry.written_ns;
    return out.str();
}

} // namespace

std::string read_file(const fs::path& path) {
    std::ifstream in{path, std::ios::binary};
    if (!in)
        check(-1, path);
    return {std::istreambuf_iterator<char>{in}, {}};
}

void write_file(const fs::path& path, const std::string& text, Attributes attributes) {
    {
        std::ofstream out{path, std::ios::binary | std::ios::trunc};
        out << text;
        if (!out.flush())
            check(-1, path);
    }
    own(path, attributes.owner);
    set_mode(path, attributes.mode);
}

void make_directory(const fs::path& path, Attributes attributes) {
    check(::mkdir(path.c_str(), 0700), path);
    own(path, attributes.owner);
    set_mode(path, attributes.mode);
}

void set_mode(const fs::path& path, mode_t mode) { check(::chmod(path.c_str(), mode), path); }

void own(const fs::path& path, Owner owner) {
    check(::lchown(path.c_str(), owner.uid, owner.gid), path);
}

void exchange(const fs::path& one, const fs::path& other) {
    check(::renameat2(AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE), one);
}

bool is_there(const fs::path& path) { return look(path).has_value(); }

mode_t mode_of(const fs::path& path) { return must_look(path).st_mode & 07777U; }

Owner owner_of(const fs::path& path) {
    const auto found = must_look(path);
    return {found.st_uid, found.st_gid};
}

bool is(const fs::path& path, Attributes attributes) {
    const auto found = look(path);
    return found &&
           Attributes{found->st_mode & 07777U, {found->st_uid, found->st_gid}} == attributes;
}

Tree snapshot(const fs::path& top) {
    Tree tree;
    tree.emplace(top.native(), entry(top));
    if (!fs::is_directory(fs::symlink_status(top)))
        return tree;
    for (const auto& below : fs::recursive_directory_iterator{top})
        tree.emplace(below.path().native(), entry(below.path()));
    return tree;
}

std::string differences(const Tree& before, const Tree& after) {
    std::string lines;
    for (const auto& [path, was] : before) {
        const auto now = after.find(path);
        if (now == after.end())
            lines += path + " is gone\n";
        else if (now->second != was)
            lines += path + ": was " + words(was) + ", is " + words(now->second) + "\n";
    }
    for (const auto& [path, now] : after)
        if (!before.contains(path))
            lines += path + " is new: " + words(now) + "\n";
    return lines;
}

} // namespace system_tests
