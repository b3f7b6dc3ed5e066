#include "algorithm.hpp"

namespace model {
namespace {

/// In the order of Round::home() and Keeper::watch_home().
enum Step : std::uint8_t {
    idle,
    open_home,
    open_ssh,
    look,
    repair_home,
    repair_ssh,
    repair_key,
    watch_ssh,
    watch_home,
    settle
};

constexpr std::uint8_t most_looks = 2; ///< the product: 4; what matters is that there is an end

void drop_home(World& world) {
    auto& wd = world.daemon.home_wd;
    if (wd != nothing && wd != Daemon::gone)
        world.home_of(wd).watched = world.home_of(wd).reported = false;
    world.home_ignored = false; // of a number that means nothing any more
    wd = nothing;
}

void drop_ssh(World& world) {
    auto& wd = world.daemon.ssh_wd;
    if (wd != nothing && wd != Daemon::gone)
        world.ssh_of(wd).watched = world.ssh_of(wd).reported = false;
    world.ssh_ignored = false;
    wd = nothing;
}

/// As Watcher::replace(): the same number means watched all the time.
template <typename Dir, typename Drop>
void watch(World& world, Dir* dir, std::uint8_t inode, std::uint8_t& wd, Drop drop,
           const Algorithm& algorithm) {
    if (inode == nothing)
        return drop(world);
    if (wd == inode || (wd != nothing && !algorithm.watches_again))
        return;
    if (world.few_watches) {
        drop(world);
        world.daemon.polled = algorithm.polls_unwatched;
        return;
    }
    drop(world);
    dir->watched = true;
    wd = inode;
    world.daemon.new_watch = true;
}

/// Closes what it holds and forgets what it saw.
void let_go(World& world) {
    auto& daemon = world.daemon;
    daemon.home = daemon.ssh = nothing;
    daemon.new_watch = daemon.same_key = false;
    daemon.home_wrong = daemon.ssh_wrong = daemon.key_wrong = false;
    world.free_orphans();
}

void begin_look(World& world) {
    let_go(world);
    world.daemon.at = open_home;
}

void end_round(World& world) {
    let_go(world);
    world.daemon.looks = 0;
    world.daemon.at = idle;
}

/// True when there was something to do.
bool listen(World& world, const Algorithm& algorithm) {
    auto& daemon = world.daemon;
    if (world.has_events()) {
        const bool lost = world.overflow && !algorithm.heeds_overflow;
        world.overflow = false;
        daemon.marked = daemon.marked || !lost || world.has_events();
        world.take_events();
        return true;
    }
    if (!daemon.marked && !(daemon.polled && !world.is_right()))
        return false; // a poll that finds all right changes nothing
    daemon.marked = false;
    daemon.looks = 0;
    begin_look(world);
    return true;
}

void observe(World& world) {
    auto& daemon = world.daemon;
    daemon.home_wrong = daemon.home != nothing && world.home_of(daemon.home).wrong;
    if (daemon.ssh == nothing)
        return;
    const auto& ssh = world.ssh_of(daemon.ssh);
    daemon.ssh_wrong = ssh.wrong;
    daemon.key_wrong = ssh.key == Key::wrong;
    daemon.same_key = ssh.key != Key::absent;
}

/// A repair goes through the descriptor, whatever has the name by now.
void apply_home(World& world) {
    auto& dir = world.home_of(world.daemon.home);
    dir.wrong = false;
    world.report_root();
}

void apply_ssh(World& world) {
    world.ssh_of(world.daemon.ssh).wrong = false;
    world.report_ssh(world.daemon.ssh);
}

void apply_key(World& world) {
    if (!world.daemon.same_key)
        return; // the one that was opened is no longer anybody's key
    world.ssh_of(world.daemon.ssh).key = Key::right;
    world.report_ssh(world.daemon.ssh);
}

void finish(World& world, const Algorithm& algorithm) {
    auto& daemon = world.daemon;
    if (!daemon.new_watch || !algorithm.looks_after_new_watches)
        return end_round(world);
    ++daemon.looks;
    if (daemon.looks < most_looks)
        return begin_look(world);
    daemon.marked = daemon.marked || algorithm.marks_unfinished;
    end_round(world);
}

} // namespace

bool step(World& world, const Algorithm& algorithm) {
    auto& daemon = world.daemon;
    const auto then = [&](Step next) { daemon.at = next; };
    switch (daemon.at) {
    case idle: return listen(world, algorithm);
    case open_home:
        daemon.home = world.home;
        then(open_ssh);
        break;
    case open_ssh:
        daemon.ssh =
            daemon.home == nothing ? std::uint8_t{nothing} : world.home_of(daemon.home).ssh;
        then(algorithm.watches_first ? watch_ssh : look);
        break;
    case look:
        observe(world);
        then(repair_home);
        break;
    case repair_home:
        if (daemon.home_wrong || (daemon.home != nothing && !algorithm.repairs_only_drift))
            apply_home(world);
        then(repair_ssh);
        break;
    case repair_ssh:
        if (daemon.ssh_wrong)
            apply_ssh(world);
        then(repair_key);
        break;
    case repair_key:
        if (daemon.key_wrong)
            apply_key(world);
        then(algorithm.watches_first ? settle : watch_ssh);
        break;
    case watch_ssh:
        daemon.polled = false;
        watch(world, daemon.ssh == nothing ? nullptr : &world.ssh_of(daemon.ssh), daemon.ssh,
              daemon.ssh_wd, drop_ssh, algorithm);
        then(watch_home);
        break;
    case watch_home:
        if (algorithm.watches_home)
            watch(world, daemon.home == nothing ? nullptr : &world.home_of(daemon.home),
                  daemon.home, daemon.home_wd, drop_home, algorithm);
        then(algorithm.watches_first ? look : settle);
        break;
    default: finish(world, algorithm);
    }
    return true;
}

const char* name_of_step(const World& world) {
    switch (world.daemon.at) {
    case idle: return world.has_events() ? "reads the events" : "begins a round";
    case open_home: return "opens the home";
    case open_ssh: return "opens .ssh";
    case look: return "looks";
    case repair_home: return world.daemon.home_wrong ? "repairs the home" : "leaves the home";
    case repair_ssh: return world.daemon.ssh_wrong ? "repairs .ssh" : "leaves .ssh";
    case repair_key: return world.daemon.key_wrong ? "repairs the key" : "leaves the key";
    case watch_ssh: return "watches .ssh";
    case watch_home: return "watches the home";
    default: return "ends the look";
    }
}

} // namespace model
