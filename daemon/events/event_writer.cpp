#include "events/event_writer.hpp"

#include "events/daemon_event.hpp"
#include "events/queue_limit.hpp"
#include "events/record_queue.hpp"
#include "events/send_queue.hpp"
#include "events/wakeup.hpp"
#include "store/identity.hpp"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace sshpermd {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds patience_with_disk{10};
constexpr seconds patience_with_readers{2};

Event dropped_event(std::uint64_t count, const std::string& what) {
    auto event = make_event(EventType::log_dropped, Severity::err,
                            std::to_string(count) + " events " + what);
    event.suppressed = count;
    return event;
}

void join_or_leave(std::thread& thread, const Wakeup& finished, milliseconds at_most) {
    if (finished.wait(at_most))
        thread.join();
    else
        thread.detach();
}

} // namespace

/// What the threads share with the writer; it lives as long as the last of them.
class EventWriter::Core {
  public:
    Core(const LogTarget& target, std::string version, RecordFile file, std::function<void()> sync)
        : sending(target),
          stamper_(Source::daemon, std::move(version)),
          record_(std::move(file), [this](std::uint32_t slot) { free(slot); }),
          sync_(std::move(sync)) {}

    void write(Event event);
    void record();
    void stop();
    void sync_soon();
    void use(std::shared_ptr<InFlight> in_flight);
    bool is_all_recorded();
    Tally tally();
    Losses losses() const { return {record_is_failing_, dropped_in_all_}; }

    SendQueue sending;
    Wakeup finished; ///< record() has come to its end

  private:
    using Clock = RecordQueue::Clock;
    struct Entry {
        Event event;
        Stamp stamp;
    };

    void put(Event event);
    Event tell_of_dropped(std::uint64_t count, const std::string& what);
    void free(std::uint32_t slot);
    bool record_what_is_queued();
    void sync_if_due();
    std::optional<milliseconds> until_due() const;

    Wakeup ready_;
    std::mutex mutex_;
    Stamper stamper_;                     ///< guarded by mutex_
    Tally tally_;                         ///< guarded by mutex_
    std::deque<Entry> queue_;             ///< guarded by mutex_
    std::uint64_t dropped_ = 0;           ///< guarded by mutex_
    bool stopping_ = false;               ///< guarded by mutex_
    bool sync_wanted_ = false;            ///< guarded by mutex_
    bool is_recording_ = false;           ///< guarded by mutex_
    std::shared_ptr<InFlight> in_flight_; ///< guarded by mutex_

    std::atomic<bool> record_is_failing_{false};
    std::atomic<std::uint64_t> dropped_in_all_{0};

    RecordQueue record_; ///< this and what follows: the recording thread's
    std::function<void()> sync_;
    std::optional<Clock::time_point> sync_due_;
    Clock::time_point next_sync_{};
};

void EventWriter::Core::write(Event event) {
    {
        const std::lock_guard guard{mutex_};
        const bool is_awake = !queue_.empty();
        if (queue_.size() >= most_waiting) {
            ++dropped_;
            return;
        }
        if (dropped_ > 0)
            put(tell_of_dropped(std::exchange(dropped_, 0),
                                "were not written: the disk was too slow for them"));
        put(std::move(event));
        if (is_awake)
            return;
    }
    ready_.signal(); // who wakes finds the mutex free
}

Event EventWriter::Core::tell_of_dropped(std::uint64_t count, const std::string& what) {
    dropped_in_all_ += count;
    return dropped_event(count, what);
}

void EventWriter::Core::put(Event event) {
    tally_.count(event);
    queue_.push_back({std::move(event), stamper_.next()});
}

void EventWriter::Core::free(std::uint32_t slot) {
    const std::lock_guard guard{mutex_};
    if (in_flight_)
        in_flight_->free(slot);
}

void EventWriter::Core::use(std::shared_ptr<InFlight> in_flight) {
    const std::lock_guard guard{mutex_};
    in_flight_ = std::move(in_flight);
}

bool EventWriter::Core::is_all_recorded() {
    const std::lock_guard guard{mutex_};
    return queue_.empty() && !is_recording_;
}

Tally EventWriter::Core::tally() {
    const std::lock_guard guard{mutex_};
    return tally_;
}

void EventWriter::Core::stop() {
    const std::lock_guard guard{mutex_};
    stopping_ = true;
    ready_.signal();
}

void EventWriter::Core::sync_soon() {
    const std::lock_guard guard{mutex_};
    if (!std::exchange(sync_wanted_, true))
        ready_.signal();
}

/// The whole batch is on record before the first of it is sent. False when there is nothing to
/// come.
bool EventWriter::Core::record_what_is_queued() {
    std::unique_lock guard{mutex_};
    auto batch = std::exchange(queue_, {});
    const bool is_last = stopping_ && batch.empty();
    const auto patience =
        stopping_ ? RecordQueue::Patience::none : RecordQueue::Patience::until_retry;
    if (std::exchange(sync_wanted_, false) && !sync_due_)
        sync_due_ = std::max(next_sync_, Clock::now());
    is_recording_ = true;
    guard.unlock();

    std::deque<std::string> lines;
    for (const auto& entry : batch) {
        lines.push_back(to_line(entry.event, entry.stamp));
        record_.add(lines.back(), entry.event.slot);
    }
    record_.write(Clock::now(), patience);
    for (auto& entry : batch) {
        sending.add(std::move(entry.event), std::move(lines.front()));
        lines.pop_front();
    }
    if (const auto dropped = sending.take_dropped(); dropped > 0)
        write(tell_of_dropped(dropped, "are in the record only: their reader was too slow (is "
                                       "journald running?)"));
    record_is_failing_ = record_.is_failing();
    while (auto news = record_.take_news()) {
        dropped_in_all_ += news->suppressed.value_or(0);
        write(std::move(*news));
    }

    guard.lock();
    is_recording_ = !record_.is_empty();
    return !is_last || !queue_.empty();
}

void EventWriter::Core::sync_if_due() {
    const auto now = Clock::now();
    record_.sync(now);
    if (!sync_due_ || now < *sync_due_)
        return;
    sync_due_.reset();
    next_sync_ = now + seconds{1};
    if (sync_)
        sync_();
}

std::optional<milliseconds> EventWriter::Core::until_due() const {
    auto due = record_.next_due();
    if (sync_due_ && (!due || *sync_due_ < *due))
        due = sync_due_;
    if (!due)
        return std::nullopt;
    return std::max(milliseconds{0}, std::chrono::ceil<milliseconds>(*due - Clock::now()));
}

void EventWriter::Core::record() {
    while (record_what_is_queued()) {
        sync_if_due();
        ready_.wait(until_due());
    }
    record_.sync(Clock::now(), RecordQueue::Patience::none);
    if (sync_)
        sync_();
    finished.signal();
}

EventWriter::EventWriter(const LogTarget& target, std::string version, RecordFile record,
                         std::function<void()> sync)
    : core_(std::make_shared<Core>(target, std::move(version), std::move(record), std::move(sync))),
      recorder_([core = core_] {
          pthread_setname_np(pthread_self(), "record");
          core->record();
      }),
      sender_([core = core_] {
          pthread_setname_np(pthread_self(), "send");
          core->sending.run();
      }) {}

EventWriter::~EventWriter() {
    core_->stop();
    join_or_leave(recorder_, core_->finished, patience_with_disk);
    core_->sending.stop();
    join_or_leave(sender_, core_->sending.finished(), patience_with_readers);
}

void EventWriter::write(Event event) { core_->write(std::move(event)); }

void EventWriter::free_slots_of(std::shared_ptr<InFlight> in_flight) {
    core_->use(std::move(in_flight));
}

bool EventWriter::wait_until_recorded(milliseconds at_most) {
    constexpr milliseconds step{5};
    const auto deadline = std::chrono::steady_clock::now() + at_most;
    while (!core_->is_all_recorded()) {
        if (std::chrono::steady_clock::now() > deadline)
            return false;
        std::this_thread::sleep_for(step);
    }
    return true;
}

EventWriter::Losses EventWriter::losses() const { return core_->losses(); }

Tally EventWriter::tally() const { return core_->tally(); }

void EventWriter::sync_soon() { core_->sync_soon(); }

} // namespace sshpermd
