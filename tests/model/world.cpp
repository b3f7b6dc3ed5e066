#include "world.hpp"

#include <algorithm>

namespace model {
namespace {

using Place = SshDir::Place;

/// The same order of fields packs and unpacks.
template <typename Field>
void visit_fields(World& world, Field field) {
    field(world.home, 2);
    for (auto& home : world.home_dirs) {
        field(home.wrong, 1);
        field(home.ssh, 2);
        field(home.watched, 1);
        field(home.reported, 1);
    }
    for (auto& ssh : world.ssh_inodes) {
        field(ssh.place, 2);
        field(ssh.wrong, 1);
        field(ssh.key, 2);
        field(ssh.held, 1);
        field(ssh.watched, 1);
        field(ssh.reported, 1);
    }
    field(world.root_reported, 1);
    field(world.overflow, 1);
    field(world.home_ignored, 1);
    field(world.ssh_ignored, 1);
    field(world.few_watches, 1);
    auto& daemon = world.daemon;
    field(daemon.at, 4);
    field(daemon.looks, 2);
    field(daemon.home, 2);
    field(daemon.ssh, 2);
    field(daemon.same_key, 1);
    field(daemon.home_wrong, 1);
    field(daemon.ssh_wrong, 1);
    field(daemon.key_wrong, 1);
    field(daemon.new_watch, 1);
    field(daemon.marked, 1);
    field(daemon.polled, 1);
    field(daemon.home_wd, 2);
    field(daemon.ssh_wd, 2);
}

/// A number of deeds with the same beginning.
class Book {
  public:
    explicit Book(const World& world) : world_(world) {}

    template <typename Do>
    void add(const char* name, Do deed) {
        auto& after = deeds_.emplace_back(Deed{name, world_}).after;
        deed(after);
        after.free_orphans();
    }

    std::vector<Deed> take() { return std::move(deeds_); }

  private:
    const World& world_;
    std::vector<Deed> deeds_;
};

void lose_key_name(World& world, int ssh) {
    if (world.daemon.ssh == ssh)
        world.daemon.same_key = false;
}

void in_ssh(const World& world, int ssh, Book& book) {
    const auto& dir = world.ssh_of(ssh);
    if (!dir.wrong)
        book.add("chmod .ssh", [=](World& after) {
            after.ssh_of(ssh).wrong = true;
            after.report_ssh(ssh);
        });
    if (dir.key == Key::right)
        book.add("chmod the key", [=](World& after) {
            after.ssh_of(ssh).key = Key::wrong;
            after.report_ssh(ssh);
        });
    book.add("a wrong key takes the name", [=](World& after) {
        after.ssh_of(ssh).key = Key::wrong;
        lose_key_name(after, ssh);
        after.report_ssh(ssh);
    });
    if (dir.key != Key::absent)
        book.add("rm the key", [=](World& after) {
            after.ssh_of(ssh).key = Key::absent;
            lose_key_name(after, ssh);
            after.report_ssh(ssh);
        });
    if (!dir.held)
        book.add("hold .ssh", [=](World& after) { after.ssh_of(ssh).held = true; });
}

void in_home(const World& world, int home, Book& book) {
    const auto ssh = world.home_of(home).ssh;
    if (ssh != nothing) {
        in_ssh(world, ssh, book);
        if (world.ssh_of(ssh).key == Key::absent)
            book.add("rmdir .ssh", [=](World& after) {
                after.home_of(home).ssh = nothing;
                after.ssh_of(ssh).place = Place::orphan;
                after.report_home(home);
            });
        book.add("mv .ssh aside", [=](World& after) {
            after.home_of(home).ssh = nothing;
            after.ssh_of(ssh).place = Place::aside;
            after.report_home(home);
        });
    }
    for (int other = 1; other <= ssh_dirs; ++other) {
        const auto place = world.ssh_of(other).place;
        if (place == Place::free && ssh == nothing)
            book.add("mkdir .ssh", [=](World& after) {
                after.ssh_of(other) = {};
                after.ssh_of(other).place = Place::in_home;
                after.ssh_of(other).wrong = true;
                after.home_of(home).ssh = static_cast<std::uint8_t>(other);
                after.report_home(home);
            });
        if (place == Place::aside)
            book.add(ssh == nothing ? "mv it back" : "exchange .ssh", [=](World& after) {
                if (ssh != nothing)
                    after.ssh_of(ssh).place = Place::aside;
                after.ssh_of(other).place = Place::in_home;
                after.home_of(home).ssh = static_cast<std::uint8_t>(other);
                after.report_home(home);
            });
    }
}

void of_the_kernel(const World& world, Book& book) {
    if (world.has_events() && !world.overflow)
        book.add("the queue overflows", [](World& after) {
            after.take_events();
            after.overflow = true;
        });
    for (int home = 1; home <= homes; ++home)
        if (world.home_of(home).watched)
            book.add("the watch of a home ends", [=](World& after) { after.end_home_watch(home); });
    for (int ssh = 1; ssh <= ssh_dirs; ++ssh)
        if (world.ssh_of(ssh).watched)
            book.add("the watch of a .ssh ends", [=](World& after) { after.end_ssh_watch(ssh); });
    book.add(world.few_watches ? "there are watches again" : "the watch limit is reached",
             [](World& after) { after.few_watches = !after.few_watches; });
}

} // namespace

bool World::has_events() const {
    const auto reported = [](const auto& dir) { return dir.reported; };
    return root_reported || overflow || home_ignored || ssh_ignored ||
           std::any_of(home_dirs.begin(), home_dirs.end(), reported) ||
           std::any_of(ssh_inodes.begin(), ssh_inodes.end(), reported);
}

bool World::is_right() const {
    if (home == nothing)
        return true;
    if (home_of(home).wrong)
        return false;
    const auto ssh = home_of(home).ssh;
    return ssh == nothing || (!ssh_of(ssh).wrong && ssh_of(ssh).key != Key::wrong);
}

void World::report_home(int inode) {
    auto& dir = home_of(inode);
    dir.reported = dir.reported || dir.watched;
}

void World::report_ssh(int inode) {
    auto& dir = ssh_of(inode);
    dir.reported = dir.reported || dir.watched;
}

void World::end_home_watch(int inode) {
    auto& dir = home_of(inode);
    dir.watched = dir.reported = false;
    if (daemon.home_wd != inode)
        return;
    daemon.home_wd = Daemon::gone;
    home_ignored = true;
}

void World::end_ssh_watch(int inode) {
    auto& dir = ssh_of(inode);
    dir.watched = dir.reported = false;
    if (daemon.ssh_wd != inode)
        return;
    daemon.ssh_wd = Daemon::gone;
    ssh_ignored = true;
}

void World::take_events() {
    root_reported = overflow = home_ignored = ssh_ignored = false;
    for (auto& dir : home_dirs)
        dir.reported = false;
    for (auto& dir : ssh_inodes)
        dir.reported = false;
}

void World::free_orphans() {
    for (int inode = 1; inode <= ssh_dirs; ++inode) {
        if (ssh_of(inode).place != Place::orphan || ssh_of(inode).held || daemon.ssh == inode)
            continue;
        if (ssh_of(inode).watched)
            end_ssh_watch(inode);
        ssh_of(inode) = {};
    }
}

std::vector<Deed> deeds(const World& world) {
    Book book{world};
    if (world.home != nothing) {
        const int home = world.home;
        if (!world.home_of(home).wrong)
            book.add("chmod the home", [=](World& after) {
                after.home_of(home).wrong = true;
                after.report_root();
            });
        book.add("mv the home away", [](World& after) {
            after.home = nothing;
            after.report_root();
        });
        in_home(world, home, book);
    }
    for (std::uint8_t other = 1; other <= homes; ++other)
        if (other != world.home)
            book.add("another home takes the name", [=](World& after) {
                after.home = other;
                after.report_root();
            });
    for (int ssh = 1; ssh <= ssh_dirs; ++ssh)
        if (world.ssh_of(ssh).held)
            book.add("let go of .ssh", [=](World& after) { after.ssh_of(ssh).held = false; });
    of_the_kernel(world, book);
    return book.take();
}

std::uint64_t pack(const World& world) {
    auto copy = world;
    std::uint64_t word = 0;
    int at = 0;
    visit_fields(copy, [&](auto& field, int bits) {
        word |= static_cast<std::uint64_t>(field) << at;
        at += bits;
    });
    return word;
}

World unpack(std::uint64_t word) {
    World world;
    visit_fields(world, [&](auto& field, int bits) {
        using Field = std::remove_reference_t<decltype(field)>;
        field = static_cast<Field>(word & ((std::uint64_t{1} << bits) - 1));
        word >>= bits;
    });
    return world;
}

} // namespace model
