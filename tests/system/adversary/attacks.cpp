// The attacks that swap what a name means, so that root's repairer acts on something else.
#include "adversary/attacks.hpp"

#include "adversary/stage.hpp"

#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <iterator>
#include <linux/fs.h>
#include <sys/stat.h>
#include <unistd.h>

namespace system_tests::adversary {

namespace {

constexpr const char* key = ".ssh/authorized_keys";
constexpr const char* of_roots_writable = "/home/.victims/open";
constexpr const char* const others[] = {"/home/.victims/shadow", "/home/.victims/neighbour's",
                                        "/home/.victims/authorized_keys", of_roots_writable};

unsigned pick(unsigned& seed, unsigned count) {
    return static_cast<unsigned>(rand_r(&seed)) % count;
}

const char* other(unsigned& seed) { return others[pick(seed, std::size(others))]; }

void make_key() {
    const int fd = ::open(key, O_CREAT | O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
    if (fd >= 0)
        ::close(fd);
}

bool swap(const char* one, const char* two) {
    return ::renameat2(AT_FDCWD, one, AT_FDCWD, two, RENAME_EXCHANGE) == 0;
}

void symlinked_key(unsigned& seed) {
    ::unlink(key);
    attempt(::symlink(other(seed), key));
    pause_a_little(seed);
    ::unlink(key);
    make_key();
    ::chmod(key, 0666);
}

void symlinked_ssh_dir(unsigned& seed) {
    ::rename(".ssh", "ssh.aside");
    attempt(::symlink("/home/.victims", ".ssh"));
    pause_a_little(seed);
    ::unlink(".ssh");
    ::rename("ssh.aside", ".ssh");
    ::chmod(".ssh", 0777);
}

/// Linked in, looked at, unlinked before the act.
void race_link_count_of(const char* victim, unsigned& seed) {
    ::unlink(key);
    attempt(::link(victim, key));
    pause_a_little(seed);
    ::unlink(key);
    pause_a_little(seed);
}

void link_count(unsigned& seed) { race_link_count_of(of_roots_writable, seed); }

/// A file of root's that may be given away takes the place of the key. Now and then it is quiet
/// for about as long as the daemon waits before it takes something over.
void offer_takeover(unsigned& seed) {
    char name[32];
    std::snprintf(name, sizeof name, "stash/%u", pick(seed, stashed));
    ::rename(name, key);
    if (pick(seed, 64) == 0)
        nap(std::chrono::microseconds{240'000 + pick(seed, 20'000)});
    else
        pause_a_little(seed);
}

/// The same while the repairer is at work.
void link_count_during_takeovers(unsigned& seed) {
    offer_takeover(seed);
    link_count(seed);
}

void any_hard_link(unsigned& seed) { race_link_count_of(other(seed), seed); }

void any_hard_link_during_takeovers(unsigned& seed) {
    offer_takeover(seed);
    any_hard_link(seed);
}

void renamed_secrets(unsigned& seed) {
    ::rename("secret", key);
    pause_a_little(seed);
    ::rename(key, "secret");
}

void foreign_files(unsigned& seed) {
    if (pick(seed, 2) == 0) {
        ::rename("foreign", key);
        pause_a_little(seed);
        ::rename(key, "foreign");
    } else if (swap("foreign-dir", ".ssh")) {
        pause_a_little(seed);
        swap("foreign-dir", ".ssh");
    }
}

void swapped_directories(unsigned& seed) {
    swap("vault", ".ssh");
    ::chmod(".ssh", 0777);
    pause_a_little(seed);
    swap("vault", ".ssh");
    ::chmod(".ssh", 0777);
}

void fifos_and_directories(unsigned& seed) {
    ::unlink(key);
    ::rmdir(key);
    switch (pick(seed, 3)) {
    case 0: ::mkfifo(key, 0666); break;
    case 1: ::mkdir(key, 0777); break;
    default: make_key(); break;
    }
    ::chmod(key, 0777);
}

/// Root's directories take the name of his home, for a moment or a while.
void siblings(unsigned& seed) {
    constexpr const char* home = "/home/mallory";
    const char* const sibling = pick(seed, 2) == 0 ? "/home/backup" : "/home/lost+found";
    if (!swap(sibling, home))
        return nap(std::chrono::microseconds{20});
    switch (pick(seed, 4)) {
    case 0: pause_a_little(seed); break;
    case 1: nap(std::chrono::microseconds{200'000 + pick(seed, 200'000)}); break;
    default: nap(std::chrono::microseconds{pick(seed, 20'000)}); break;
    }
    while (!swap(sibling, home) && pick(seed, 2000) != 0)
        nap(std::chrono::microseconds{20});
    ::chmod(".", 0777);
}

template <void (*... acts)(unsigned&)>
void any_of(unsigned& seed) {
    constexpr void (*all[])(unsigned&) = {acts...};
    all[pick(seed, sizeof...(acts))](seed);
}

constexpr auto anything_at_home =
    any_of<symlinked_key, symlinked_ssh_dir, link_count, link_count_during_takeovers, any_hard_link,
           any_hard_link_during_takeovers, renamed_secrets, foreign_files, swapped_directories,
           fifos_and_directories>;

} // namespace

const std::vector<Attack>& attacks() {
    using enum HardLinks;
    using enum Mistake;
    static const std::vector<Attack> all{
        {"symlinked key", protected_by_kernel, none, true, false, symlinked_key},
        {"symlinked .ssh", protected_by_kernel, none, true, false, symlinked_ssh_dir},
        {"link count", protected_by_kernel, none, true, false, link_count},
        {"link count during takeovers", protected_by_kernel, none, true, true,
         link_count_during_takeovers},
        {"hard links, unprotected", unprotected, none, true, false, any_hard_link},
        {"the same during takeovers", unprotected, none, true, true,
         any_hard_link_during_takeovers},
        {"renamed secrets", protected_by_kernel, none, true, false, renamed_secrets},
        {"foreign files", protected_by_kernel, none, true, false, foreign_files},
        {"swapped directories", protected_by_kernel, none, true, true, swapped_directories},
        {"FIFOs and directories", protected_by_kernel, none, false, false, fifos_and_directories},
        {"siblings while /home is open", protected_by_kernel, home_root_open, true, true, siblings},
        {"all of them in the home", unprotected, none, true, true, anything_at_home},
        {"all of them", unprotected, home_root_open, true, true,
         any_of<anything_at_home, siblings>},
    };
    return all;
}

Busy::Act run(const Attack& attack) {
    return [act = attack.act, seed = 20261121U](Shared& shared) mutable {
        // What others can reach is repaired at once, and never given away: now so, now so.
        if (shared.count / 512 % 2 == 1 && pick(seed, 16) == 0)
            ::chmod(".", 0777);
        act(seed);
        ++shared.count;
    };
}

} // namespace system_tests::adversary
