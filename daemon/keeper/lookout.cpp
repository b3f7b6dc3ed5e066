#include "keeper/lookout.hpp"

#include "system/home_root.hpp"
#include "watch/watch_map.hpp"

#include <pthread.h>

#include <algorithm>
#include <system_error>
#include <utility>

namespace sshpermd {

Lookout::Lookout(std::vector<std::string> key_files, std::uint64_t secret,
                 std::function<void()> wake, UniqueFd inotify)
    : key_files_(std::move(key_files)),
      secret_(secret),
      wake_(std::move(wake)),
      inotify_(std::move(inotify)) {
    const std::size_t processors = std::clamp(std::thread::hardware_concurrency(), 2U, 4U);
    const auto count = sets_watches() ? glancing_threads : processors - 1;
    try {
        for (auto i = count; i > 0; --i)
            threads_.emplace_back([this] { run(); });
    } catch (const std::system_error&) {
        if (threads_.empty())
            throw;
    }
}

Lookout::~Lookout() {
    stopping_ = true;
    asked_.release(static_cast<std::ptrdiff_t>(threads_.size()));
    for (auto& thread : threads_)
        thread.join();
}

void Lookout::ask(Batch batch) {
    ++under_way_;
    {
        const std::lock_guard guard{mutex_};
        to_do_.push_back(std::move(batch));
    }
    asked_.release();
}

std::optional<Lookout::Batch> Lookout::take() {
    const std::lock_guard guard{mutex_};
    if (done_.empty())
        return std::nullopt;
    std::optional<Batch> batch{std::move(done_.front())};
    done_.pop_front();
    --under_way_;
    return batch;
}

void Lookout::run() {
    pthread_setname_np(pthread_self(), "look"); // for top -H
    Machine machine;
    const Eye eye{machine.kernel, key_files_, secret_};
    for (;;) {
        asked_.acquire();
        if (stopping_)
            return;
        std::unique_lock guard{mutex_};
        auto batch = std::move(to_do_.front());
        to_do_.pop_front();
        guard.unlock();
        look(batch, eye, machine);
        guard.lock();
        done_.push_back(std::move(batch));
        guard.unlock();
        wake_();
    }
}

void Lookout::look(Batch& batch, const Eye& eye, Machine& machine) const {
    try {
        const auto opened = open_home_root(machine, batch.root); // held for this batch alone
        const auto* const root = std::get_if<Handle>(&opened);
        std::optional<WatchSetter> setter;
        if (inotify_)
            setter.emplace(inotify_.get());
        for (auto& sight : batch.sights)
            if (root != nullptr && !stopping_)
                sight.now = setter ? watch_and_look(*root, sight, eye, *setter)
                                   : eye.glance(*root, sight.name);
    } catch (const std::system_error&) { // NOLINT(bugprone-empty-catch): the loop will say why
    }
    std::erase_if(batch.sights, [](const Sight& sight) {
        return !sight.plain && sight.now && sight.known == sight.now->now;
    });
}

/// The look comes after the watches: whatever happens later is reported by them.
std::optional<Glance> Lookout::watch_and_look(const Handle& root, Sight& sight, const Eye& eye,
                                              const WatchSetter& setter) {
    const auto watch = [&](Target target, const Handle& dir) {
        const bool is_home = target == Target::home;
        const auto mask = mask_of(is_home ? PlaceKind::home : PlaceKind::ssh_dir);
        try {
            (is_home ? sight.home_wd : sight.ssh_wd) = setter.watch(dir, mask);
            return true;
        } catch (const std::system_error&) { // the loop will say why
            return false;
        }
    };
    return eye.glance(root, sight.name, sight.plain ? &*sight.plain : nullptr, watch);
}

} // namespace sshpermd
