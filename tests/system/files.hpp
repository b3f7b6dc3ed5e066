// Files as the tests make them and as they find them: modes, owners, and a tree's whole state.
#pragma once

#include <compare>
#include <ctime>
#include <filesystem>
#include <map>
#include <string>
#include <sys/types.h>
#include <vector>

namespace system_tests {

struct Owner {
    uid_t uid = 0;
    gid_t gid = 0;
    bool operator==(const Owner&) const = default;
};

struct Attributes {
    mode_t mode = 0;
    Owner owner;
    bool operator==(const Attributes&) const = default;
};

/// All of these act on a link itself, never on what it points to, and throw
/// std::system_error when they cannot.
std::string read_file(const std::filesystem::path& path);
void write_file(const std::filesystem::path& path, const std::string& text, Attributes attributes);
void make_directory(const std::filesystem::path& path, Attributes attributes);
void set_mode(const std::filesystem::path& path, mode_t mode);
void own(const std::filesystem::path& path, Owner owner);
/// Two names swap what they name, in one step.
void exchange(const std::filesystem::path& one, const std::filesystem::path& other);

bool is_there(const std::filesystem::path& path);
mode_t mode_of(const std::filesystem::path& path);
Owner owner_of(const std::filesystem::path& path);
/// Mode and owner are exactly these; false also when there is no such file.
bool is(const std::filesystem::path& path, Attributes attributes);

/// Everything about one file that a repair could have disturbed.
struct Entry {
    mode_t mode = 0; // with the type
    Owner owner;
    ino_t inode = 0;
    nlink_t links = 0;
    std::string content; // a file's bytes, a link's target
    time_t written = 0;
    long written_ns = 0;
    bool operator==(const Entry&) const = default;
};

/// Path -> entry, for the directory itself and everything below it; follows no link.
using Tree = std::map<std::string, Entry>;
Tree snapshot(const std::filesystem::path& top);

/// One line for each file that is not what it was; empty when the trees are the same.
std::string differences(const Tree& before, const Tree& after);

} // namespace system_tests
