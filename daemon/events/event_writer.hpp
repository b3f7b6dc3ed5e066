// EventWriter: the threads that write events, so that neither a disk nor a reader delays a repair.
#pragma once

#include "event/event.hpp"
#include "event/tally.hpp"
#include "events/log.hpp"
#include "store/in_flight.hpp"
#include "store/record_file.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

namespace sshpermd {

/// One thread appends every event to the durable record and frees its slot in flight; only then
/// another hands it to the journal. So a journal that does not read keeps nothing from the record.
class EventWriter {
  public:
    /// `sync` is called by the recording thread, as sync_soon() says; what it refers to is owned by
    /// it, because a disk that hangs keeps the thread until the process has ended.
    EventWriter(const LogTarget& target, std::string version, RecordFile record,
                std::function<void()> sync = {});
    EventWriter(const EventWriter&) = delete;
    EventWriter& operator=(const EventWriter&) = delete;

    /// Records what is queued, for at most ten seconds, then gives the journal two. Whoever does
    /// not read by then is left behind with his thread.
    ~EventWriter();

    /// Stamps and queues; never waits for a disk or a reader. Beyond 100,000 events that wait for
    /// the disk the newest are dropped, counted, and reported by one log.dropped when there is
    /// room.
    void write(Event event);

    /// Where the slots of events are, from now on; nothing: nowhere.
    void free_slots_of(std::shared_ptr<InFlight> in_flight);

    /// Waits until all that was written before is in the record. False when that takes longer.
    bool wait_until_recorded(std::chrono::milliseconds at_most);

    struct Losses {
        bool record_is_failing = false;
        std::uint64_t dropped =
            0; ///< events, from the record, the journal or both; since the start
    };
    Losses losses() const;

    /// Of all that was written, as far as it was not dropped.
    Tally tally() const;

    /// There may be something for `sync` to do: called within a second, and at most once a second.
    void sync_soon();

  private:
    class Core;

    std::shared_ptr<Core> core_;
    std::thread recorder_;
    std::thread sender_;
};

} // namespace sshpermd
