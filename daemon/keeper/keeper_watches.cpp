#include "events/daemon_event.hpp"
#include "keeper/inhabitant.hpp"
#include "keeper/keeper.hpp"
#include "system/account_database.hpp"
#include "system/canary.hpp"
#include "system/home_root.hpp"
#include "system/watch_limit.hpp"

#include <sys/inotify.h>

#include <cerrno>
#include <system_error>
#include <utility>

// The keeper's watches: as many as there may be, those that matter most first, and a test of them.

namespace sshpermd {

void Keeper::make_watcher() {
    try {
        watcher_ = std::make_unique<Watcher>(config_);
    } catch (const std::system_error& error) {
        auto none =
            make_trouble(Trouble::no_inotify, Severity::err,
                         "no inotify instance left (fs.inotify.max_user_instances): changes are "
                         "found by polling only; it is tried again at every rescan",
                         EventType::watch_limit);
        none.error = error_of(error.code());
        tell_(std::move(none));
        return;
    }
    tell_(make_recovery(Trouble::no_inotify, "there is an inotify instance again"));
}

/// Before each look at everybody: what may be watched, and at a rescan whether the watch lives.
void Keeper::prepare_watches(Trigger trigger) {
    for (auto& [trouble, denied] : denied_)
        denied = Denied::before;
    if (!watcher_) {
        wants_new_watch_ = wants_new_watch_ || trigger == Trigger::rescan;
        return;
    }
    limit_ = read_watch_limit();
    watch_account_files(trigger);
    if (canary_wd_ < 0)
        watch_canary();
    if (trigger == Trigger::rescan)
        test_watch();
}

void Keeper::watch_account_files(Trigger trigger) {
    const Place place{PlaceKind::account_files, 0};
    try {
        const auto etc = nearest_ancestor(machine_, "/etc/passwd");
        const bool is_new = watch(account_files_wd_, &etc.dir, place);
        // What was written before anybody listened here, or while another /etc was mounted over
        // this one, was not heard.
        if ((is_new || trigger == Trigger::mount) && account_stamp_ != stamp_of_account_files())
            accounts_may_have_changed();
    } catch (const std::system_error& error) {
        tell_unwatched(error.code(), place);
    }
}

// ---- the canary ---------------------------------------------------------------------------------

void Keeper::watch_canary() {
    try {
        const auto dir = open_canary_dir();
        watch(canary_wd_, &dir, {PlaceKind::canary, 0});
    } catch (const std::system_error& error) {
        tell_untested(error.code());
    }
}

void Keeper::tell_untested(const std::error_code& error) {
    auto untested = make_trouble(
        Trouble::watch_untested, Severity::warning,
        "whether the watch lives cannot be tested in " + std::string{canary_path} +
            ": it has to be a directory of root's on a file system that can be written");
    untested.error = error_of(error);
    tell_(std::move(untested));
}

/// One that replaced the watched directory is silent, too: then the watch is none of it.
void Keeper::test_watch() {
    if (canary_wd_ < 0)
        return;
    try {
        touch_canary(open_canary_dir());
    } catch (const std::system_error& error) {
        watcher_->drop(canary_wd_, {PlaceKind::canary, 0});
        return tell_untested(error.code());
    }
    canary_.was_touched(Clock::now());
}

void Keeper::hear_canary() {
    if (!canary_.was_heard())
        return;
    tell_(make_recovery(Trouble::watch_untested, "the watch can be tested, and lives"));
    tell_(make_recovery(Trouble::watch_dead, "the watch lives again"));
}

void Keeper::watch_died() {
    tell_(make_trouble(Trouble::watch_dead, Severity::err,
                       "a change made to test the watch was not reported: all watches are set "
                       "anew, and everything is looked at (see also: sshpermctl status)",
                       EventType::watch_dead));
    wants_new_watch_ = true;
}

void Keeper::watch_anew() {
    wants_new_watch_ = false;
    const bool is_first = watcher_ == nullptr;
    rebuilt_ += is_first ? 0U : 1U;
    close_look_due_ = close_look_due_ || (full_look_ && full_look_->is_close);
    full_look_.reset(); // its threads may hold the old one
    watcher_.reset();
    account_files_wd_ = -1;
    canary_wd_ = -1;
    for (const auto& root : roots_)
        root->wd = root->above_wd = -1;
    for (const auto& inhabitant : inhabitants_)
        if (inhabitant)
            inhabitant->home_wd = inhabitant->ssh_wd = -1;
    make_watcher();
    if (!watcher_ && is_first)
        return;
    look_at_all(Trigger::retry);
    if (watcher_)
        test_watch();
}

// ---- the homes ----------------------------------------------------------------------------------

Allowance Keeper::allowance() const {
    constexpr std::size_t fixed = 2; // /etc and the canary
    return allow(limit_.most, fixed + 2 * roots_.size(), by_name_.size());
}

/// Throws ENOSPC where the kernel would let us take what others need.
void Keeper::require_allowance(int wd, PlaceKind kind) const {
    if (kind != PlaceKind::home && kind != PlaceKind::ssh_dir)
        return;
    const auto allowed = allowance();
    const auto most = kind == PlaceKind::home ? allowed.homes : allowed.ssh_dirs;
    const auto used = watcher_->watches(kind);
    if (wd < 0 ? used >= most : used > most)
        throw std::system_error(ENOSPC, std::generic_category(), "watch a directory");
}

bool Keeper::watch(int& wd, const Handle* dir, Place place, std::uint32_t more_mask) {
    if (!watcher_)
        return false;
    if (dir == nullptr) {
        watcher_->drop(wd, place);
        return false;
    }
    return watcher_->replace(wd, *dir, place, more_mask);
}

bool Keeper::watch_root(std::uint32_t id, const RootRound& round) {
    auto& root = *roots_[id];
    bool replaced = false;
    try {
        const auto above = nearest_ancestor(machine_, root.path);
        if (watcher_ && !above.next.empty()) {
            watcher_->set_next_name(id, above.next);
            replaced = watch(root.above_wd, &above.dir, {PlaceKind::above_root, id});
        }
        replaced |= watch(root.wd, round.dir ? &*round.dir : nullptr, {PlaceKind::home_root, id});
    } catch (const std::system_error& error) {
        tell_unwatched(error.code(), {PlaceKind::home_root, id});
    }
    return replaced;
}

bool Keeper::watch_home(Inhabitant& inhabitant, const RootRound& root, const HomeRound& round) {
    const bool is_noisy = is_too_noisy(inhabitant);
    const bool was_polled = std::exchange(inhabitant.polled, watcher_ == nullptr || is_noisy);
    const auto watch_one = [&](int& wd, const std::optional<Handle>& held, Place place) {
        if (!watcher_ || !held || is_noisy)
            return watch(wd, nullptr, place);
        try {
            require_allowance(wd, place.kind);
            const bool replaced = watch(wd, &*held, place);
            // A mount point's own changes are not reported by the directory it is mounted in.
            if (replaced && place.kind == PlaceKind::home &&
                mount_id(held->fd()) != mount_id(root.dir->fd()))
                watch(wd, &*held, place, IN_ATTRIB);
            return replaced;
        } catch (const std::system_error& error) {
            watcher_->drop(wd, place);
            inhabitant.polled = true;
            tell_unwatched(error.code(), place);
            return false;
        }
    };
    const bool ssh_replaced =
        watch_one(inhabitant.ssh_wd, round.ssh_dir, {PlaceKind::ssh_dir, inhabitant.id});
    const bool home_replaced =
        watch_one(inhabitant.home_wd, round.home, {PlaceKind::home, inhabitant.id});
    polled_ += inhabitant.polled ? 1U : 0U;
    polled_ -= was_polled ? 1U : 0U;
    return ssh_replaced || home_replaced;
}

// ---- telling ------------------------------------------------------------------------------------

void Keeper::tell_unwatched(const std::error_code& error, Place place) {
    const bool is_limit = error.value() == ENOSPC;
    const auto trouble = is_limit ? Trouble::watch_limit : Trouble::watch_lost;
    const auto told = denied_.find(trouble);
    if (told != denied_.end() &&
        std::exchange(told->second, Denied::in_this_look) == Denied::in_this_look)
        return;
    denied_[trouble] = Denied::in_this_look;
    const auto need = allowance().need;
    const auto seconds = std::to_string(config_.poll_interval.count()) + " s";
    auto event =
        is_limit
            ? make_trouble(trouble, Severity::err,
                           "inotify watch limit reached (" + limit_.name + "=" +
                               std::to_string(limit_.most) + ", need " + std::to_string(need) +
                               "): the rest is looked at every " + seconds + "; raise it: sysctl " +
                               limit_.name + "=" + std::to_string(limit_for(need)),
                           EventType::watch_limit)
            : make_trouble(trouble, Severity::err,
                           "cannot watch a directory: changes in it, and wherever else that "
                           "fails alike, are found by polling",
                           EventType::watch_lost);
    if (!is_limit && (place.kind == PlaceKind::home || place.kind == PlaceKind::ssh_dir))
        event.user = UserRef{inhabitants_[place.owner]->home.account->name,
                             inhabitants_[place.owner]->home.account->uid};
    if (!is_limit) // "No space left on device" leads astray
        event.error = error_of(error);
    tell_(std::move(event));
}

/// A look at everybody tried again whatever was denied before.
void Keeper::tell_of_watches_again() {
    for (auto denied = denied_.begin(); denied != denied_.end();) {
        if (denied->second == Denied::in_this_look) {
            ++denied;
            continue;
        }
        tell_(make_recovery(denied->first, "everything is watched again"));
        denied = denied_.erase(denied);
    }
}

void Keeper::tell_of_proc() {
    if (machine_.kernel.proc)
        tell_(make_recovery(Trouble::no_proc, "there is a /proc again"));
    else
        tell_(make_trouble(Trouble::no_proc, Severity::err,
                           std::string{"there is no /proc: no key file can be read"} +
                               (machine_.kernel.can_repair() ? "" : ", and nothing repaired") +
                               "; mount it"));
}

} // namespace sshpermd
