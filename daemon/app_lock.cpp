#include "app.hpp"

#include "events/daemon_event.hpp"
#include "reconcile/tree_leftover.hpp"
#include "system/account_database.hpp"

#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <variant>

// The app's right to repair: the lock, and what only its holder may write, the slots of changes and
// the memory.

namespace sshpermd {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr const char* memory_is_volatile =
    "what is known of accounts cannot be kept: the next start trusts what it finds";

} // namespace

void App::take_lock() {
    constexpr milliseconds pause{100};
    constexpr int tries = 50; // a repair by hand takes a moment
    for (int i = 0; i < tries; ++i) {
        auto result = take_repair_lock();
        if (auto* const lock = std::get_if<RepairLock>(&result)) {
            lock_ = std::move(*lock);
            return note_changes();
        }
        std::this_thread::sleep_for(pause);
    }
    const auto result = take_repair_lock();
    const auto* const holder = std::get_if<LockHolder>(&result);
    const auto who = holder != nullptr && holder->pid ? "process " + std::to_string(*holder->pid)
                                                      : std::string{"another process"};
    throw std::runtime_error(who + " holds " + lock_path +
                             ": two repairers would undo each other's work. Is sshpermd running "
                             "already (systemctl status sshpermd)?");
}

/// From now on changes are noted while they are made; those of a repairer that was killed are told.
void App::note_changes() {
    try {
        in_flight_ = std::make_shared<InFlight>();
        tell(make_recovery(Trouble::changes_unnoted, "changes are noted while they are made"));
        events_.free_slots_of(in_flight_);
        settle_walk();
        const auto leftovers = in_flight_->take_leftovers();
        if (leftovers.empty())
            return;
        const auto accounts = read_local_accounts(); // names for numbers
        for (const auto& leftover : leftovers)
            events_.write(event_of(leftover, Trigger::startup, accounts));
    } catch (const std::system_error& error) {
        auto event =
            make_trouble(Trouble::changes_unnoted, Severity::warning,
                         "what is being changed cannot be noted in /run/sshpermd/changes, or "
                         "what was noted not be told: a repair that is cut off by SIGKILL "
                         "may be in no record");
        event.error = error_of(error.code());
        tell(std::move(event));
    }
}

/// What a walk over a home (sshpermctl repair --recursive) left that was killed.
void App::settle_walk() {
    if (!has_leftover_walk())
        return;
    Machine machine;
    settle_leftover_walk(machine, read_local_accounts(), [this](Event event) {
        event.trigger = Trigger::startup;
        events_.write(event);
    });
}

/// Whoever observes without the lock learns for himself: sshpermctl may write the file meanwhile.
void App::open_memory() {
    const auto use = lock_ ? StateUse::change : StateUse::look;
    if (memory_ && memory_->use() == use)
        return;
    try {
        memory_ = std::make_shared<MemoryFile>(use);
        memory_is_lost_ = false;
        if (!memory_->trouble().empty()) {
            auto lost = make_event(
                EventType::daemon_degraded, Severity::warning,
                "what was known of accounts is lost: the first look trusts what it finds");
            lost.error = EventError{"memory", memory_->trouble()};
            tell(std::move(lost));
        }
    } catch (const std::system_error& error) {
        memory_ = std::make_shared<MemoryFile>(StateUse::look);
        memory_is_lost_ = true;
        tell_of_memory(error.what());
    }
    remembering_->use(memory_);
}

void App::tell_of_memory(const std::string& trouble) {
    auto event = make_trouble(Trouble::memory_failing, Severity::warning, memory_is_volatile);
    event.error = EventError{"memory", trouble};
    tell(std::move(event));
}

void App::look_after_memory() {
    if (memory_->has_news())
        events_.sync_soon();
    if (const auto trouble = memory_->take_trouble(); !trouble.empty())
        tell_of_memory(trouble);
    else if (troubles_.has(Trouble::memory_failing) && !memory_is_lost_ && !memory_->is_failing())
        tell(make_recovery(Trouble::memory_failing, "what is known of accounts is kept again"));
    if (const auto trouble = remembering_->take_trouble(); !trouble.empty()) {
        auto event = make_event(EventType::daemon_degraded, Severity::warning,
                                "the configuration in force cannot be kept: a start with a bad "
                                "one would fall back to an older one, or only observe");
        event.error = EventError{"state", trouble};
        tell(std::move(event));
    }
}

/// Whoever repairs next has the slots: nothing of ours may be in them, or free them, any more.
void App::release_lock() {
    if (in_flight_)
        events_.wait_until_recorded(seconds{2});
    events_.free_slots_of(nullptr);
    in_flight_.reset();
    lock_.reset();
}

} // namespace sshpermd
