#include "reconcile/tree_repair.hpp"

#include "finding/gate.hpp"

#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace sshpermd {
namespace {

/// Whoever works in a directory that is held is kept out of it so long, and then let in again.
constexpr std::chrono::milliseconds longest_hold{50};

constexpr std::size_t most_failures = 10;
constexpr int most_tries = 5;

/// An O_PATH descriptor has no fgetxattr; /proc leads to the same inode. Only what may be executed
/// can use them. What cannot be read counts as having some.
bool has_capabilities(const Handle& file, const Observed& seen) {
    if (seen.type != FileType::file || !seen.mode.has(0111))
        return false;
    const auto size = getxattr(proc_path(file.fd()).c_str(), "security.capability", nullptr, 0);
    return size > 0 || (size < 0 && errno != ENODATA && errno != ENOTSUP);
}

std::string below(const std::string& path, const std::string& name) {
    return path.empty() ? name : path + "/" + name;
}

} // namespace

void TreeTally::leave(const std::string& path, LeftReason reason) {
    auto& files = left.at(static_cast<std::size_t>(reason));
    ++files.count;
    if (files.first.size() < LeftFiles::shown)
        files.first.push_back(path);
}

void TreeTally::fail(const std::string& path, Failure failure) {
    ++failures;
    if (first_failures.size() < most_failures)
        first_failures.push_back({path, std::move(failure)});
}

struct TreeRepair::Here {
    const Handle& dir;
    const std::string& path;
    bool is_target = false; ///< a daemon that was not paused could let it go
    std::vector<std::string> enter;
    std::optional<Hold> hold;
    Clock::time_point until;
};

TreeRepair::TreeRepair(Machine& machine, const TreeRequest& request, TreeNotes* notes, GoOn go_on,
                       Record record, Alone alone)
    : machine_(machine),
      request_(request),
      notes_(notes),
      go_on_(std::move(go_on)),
      record_(std::move(record)),
      alone_(std::move(alone)) {}

bool TreeRepair::run(Handle home) {
    const auto is_theirs = [&](const Observed& seen) {
        return seen.owner == request_.whose.uid || request_.hand == Hand::look;
    };
    const auto lost = [&](const std::string& path, int error) {
        if (error == EXDEV)
            tally_.leave(path, LeftReason::other_file_system);
        else if (error != 0)
            tally_.fail(path, {error, "go into it"});
        else
            tally_.leave(path, LeftReason::moved);
    };
    TreeWalk walk{machine_.kernel,
                  [&](const Handle& dir, const std::string& path) { return visit(dir, path); },
                  is_theirs, lost};
    const bool is_whole = walk.run(std::move(home));
    flush();
    return is_whole;
}

std::optional<std::vector<std::string>> TreeRepair::visit(const Handle& dir,
                                                          const std::string& path) {
    ++tally_.directories;
    Here here{dir, path, path.empty() || request_.targets.contains(path), {}, std::nullopt, {}};
    bool goes_on = go_on_(tally_);
    try {
        Listing names{dir};
        while (goes_on) {
            const auto* const name = names.next();
            if (name == nullptr)
                break;
            look(here, *name);
            if (!here.hold)
                goes_on = go_on_(tally_);
            else if (notes_->is_full() || Clock::now() >= here.until) {
                give_back(here);
                goes_on = go_on_(tally_);
            }
        }
    } catch (const std::system_error& error) {
        tally_.fail(path, {error.code().value(), "list it"});
    }
    give_back(here);
    want_alone(false);
    if (!goes_on)
        return std::nullopt;
    return std::move(here.enter);
}

void TreeRepair::look(Here& here, const ListedName& name) {
    const auto path = [&] { return below(here.path, name.name); };
    ++tally_.looked_at;
    try {
        for (int tries = 0; tries < most_tries; ++tries) {
            const auto opened = open_listed_child(machine_.kernel, here.dir, name.name);
            if (const auto* const refusal = std::get_if<Refusal>(&opened)) {
                if (refusal->reason == RefusalReason::other_file_system)
                    tally_.leave(path(), LeftReason::other_file_system);
                return;
            }
            const auto* const file = std::get_if<Handle>(&opened);
            if (file == nullptr)
                return; // removed meanwhile
            const auto seen = file->observe();
            const bool is_dir = seen.type == FileType::dir;
            if (is_dir && !request_.homes.empty() && request_.homes.contains(path()))
                return tally_.leave(path(), LeftReason::another_home);
            if (seen.owner == request_.whose.uid) {
                if (is_dir)
                    here.enter.push_back(name.name);
                return;
            }
            if ((here.is_target || here.path.empty()) && request_.targets.contains(path()))
                return; // an ordinary repair's, and it has left it
            if (const auto reason = judge(*file, seen))
                return tally_.leave(path(), *reason);
            if (request_.hand == Hand::repair && !(here.hold && is_still_held(here))) {
                hold(here);
                continue; // and what is there now is looked at
            }
            hand_over(here, *file, seen, name.name);
            return;
        }
        tally_.fail(path(), {EAGAIN, "hold the directory, which somebody else repairs"});
    } catch (const std::system_error& error) {
        tally_.fail(path(), {error.code().value(), "look at it"});
    }
}

std::optional<LeftReason> TreeRepair::judge(const Handle& file, const Observed& seen) {
    const auto title = is_admitted(seen.owner) ? Title::admitted : Title::none;
    const auto reason = why_left(seen, title, false);
    return reason ? reason : why_left(seen, title, has_capabilities(file, seen));
}

bool TreeRepair::is_admitted(uid_t owner) {
    const auto [known, is_new] = admitted_.try_emplace(owner, false);
    if (is_new)
        known->second = request_.may_take(owner);
    return known->second;
}

void TreeRepair::hand_over(Here& here, const Handle& file, const Observed& seen,
                           const std::string& name) {
    if (request_.hand == Hand::repair) {
        notes_->note({seen.inode, seen.owner, seen.group});
        const bool is_done = fchownat(file.fd(), "", request_.whose.uid, request_.whose.gid,
                                      AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) == 0;
        if (!is_done) {
            const int error = errno;
            notes_->take_back();
            return tally_.fail(below(here.path, name), {error, "hand it over"});
        }
        if (is_marked(seen)) // what it was is lost: nobody else may look into it
            change_mode(machine_.kernel, file.fd(), Mode{0700});
    }
    ++tally_.changed;
    ++tally_.from[{seen.owner, seen.group}];
    if (seen.type == FileType::dir)
        here.enter.push_back(name);
}

void TreeRepair::hold(Here& here) {
    give_back(here);
    if (here.is_target)
        want_alone(true);
    const auto was = here.dir.observe();
    notes_->hold(here.path, was);
    here.until = Clock::now() + longest_hold;
    here.hold.emplace(machine_.kernel, here.dir, was, Expected{was.mode, was.owner, was.group},
                      frozen_mode);
}

void TreeRepair::give_back(Here& here) {
    if (here.hold) {
        const auto failure = here.hold->release();
        here.hold.reset();
        if (failure) // it is noted still: the next walk, which begins with it, gives it back
            throw std::runtime_error("cannot " + failure->doing + ": " +
                                     error_text(failure->number) + " (" + request_.whose.home +
                                     "/" + here.path + ")");
        notes_->give_back();
    }
    if (notes_ != nullptr && notes_->is_full())
        flush();
}

/// A home and its `.ssh` are let go by every ordinary repair that comes across.
bool TreeRepair::is_still_held(const Here& here) const {
    if (!here.is_target || request_.whose.uid == 0)
        return true; // root's own is never marked
    const auto now = here.dir.observe();
    return now.owner == 0 && now.mode == frozen_mode;
}

void TreeRepair::want_alone(bool wanted) {
    if (!alone_ || is_alone_ == wanted)
        return;
    alone_(wanted);
    is_alone_ = wanted;
}

void TreeRepair::flush() {
    if (notes_ == nullptr || notes_->changes().empty())
        return;
    record_(notes_->changes());
    notes_->clear();
}

} // namespace sshpermd
