// The world of the watch model: one account's directories, what inotify reports of them, and what
// anybody may do to them, all in one word of 64 bits.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace model {

inline constexpr int homes = 2;    ///< inodes that ROOT/NAME may be
inline constexpr int ssh_dirs = 2; ///< inodes that .ssh may be
inline constexpr int nothing = 0;  ///< of a number that names an inode: they count from 1

enum class Key : std::uint8_t { absent, right, wrong };

/// A home is never deleted, only moved away or exchanged.
struct HomeDir {
    bool wrong = false;
    std::uint8_t ssh = nothing; ///< the .ssh in it
    bool watched = false;
    bool reported = false; ///< an event of its watch waits in the queue
};

struct SshDir {
    enum class Place : std::uint8_t { free, in_home, aside, orphan };
    Place place = Place::free; ///< aside: below a home by another name; orphan: removed, yet held
    bool wrong = false;
    Key key = Key::absent;
    bool held = false; ///< by somebody's descriptor or working directory
    bool watched = false;
    bool reported = false;
};

/// What a daemon has in its hands, whatever its algorithm.
struct Daemon {
    static constexpr int gone = 3; ///< as a watch: a number that the kernel has ended

    std::uint8_t at = 0; ///< the next step of its round
    std::uint8_t looks = 0;
    std::uint8_t home = nothing; ///< opened by this round
    std::uint8_t ssh = nothing;
    bool same_key = false; ///< the key that was opened still has its name
    bool home_wrong = false;
    bool ssh_wrong = false;
    bool key_wrong = false;
    bool new_watch = false;
    bool marked = false;
    bool polled = false;
    std::uint8_t home_wd = nothing; ///< an inode, or gone
    std::uint8_t ssh_wd = nothing;
};

struct World {
    std::uint8_t home = 1; ///< what ROOT/NAME is
    std::array<HomeDir, homes> home_dirs;
    std::array<SshDir, ssh_dirs> ssh_inodes;

    bool root_reported = false;
    bool overflow = false;
    bool home_ignored = false; ///< the daemon's watch ended; what it reported may still be read
    bool ssh_ignored = false;
    bool few_watches = false; ///< the kernel gives no new one

    Daemon daemon;

    HomeDir& home_of(int inode) { return home_dirs[static_cast<std::size_t>(inode - 1)]; }
    SshDir& ssh_of(int inode) { return ssh_inodes[static_cast<std::size_t>(inode - 1)]; }
    const HomeDir& home_of(int inode) const {
        return home_dirs[static_cast<std::size_t>(inode - 1)];
    }
    const SshDir& ssh_of(int inode) const {
        return ssh_inodes[static_cast<std::size_t>(inode - 1)];
    }

    bool has_events() const;

    /// Every target that exists is right.
    bool is_right() const;

    // What inotify does.
    void report_root() { root_reported = true; }
    void report_home(int inode);
    void report_ssh(int inode);
    void end_home_watch(int inode); ///< by the kernel
    void end_ssh_watch(int inode);
    void take_events(); ///< read, whatever they say

    /// Frees what nobody links or holds any more: its watch ends.
    void free_orphans();
};

/// One word for a world: equal when the worlds are.
std::uint64_t pack(const World& world);
World unpack(std::uint64_t word);

struct Deed {
    std::string name;
    World after;
};

/// All that users, root and the kernel may do next.
std::vector<Deed> deeds(const World& world);

} // namespace model
