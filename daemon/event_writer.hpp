// EventWriter: the thread that writes events, so that nobody who reads slowly delays a repair.
#pragma once

#include "event/event.hpp"
#include "event/event_json.hpp"
#include "log.hpp"
#include "system/identity.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <semaphore>
#include <string>
#include <thread>

namespace spdlog {
class logger;
}

namespace sshpermd {

class EventWriter {
  public:
    EventWriter(LogTarget target, std::string version);
    EventWriter(const EventWriter&) = delete;
    EventWriter& operator=(const EventWriter&) = delete;

    /// Writes what is queued, then ends the thread.
    ~EventWriter();

    /// Stamps and queues; never waits for a reader. Beyond 100,000 waiting events the newest are
    /// dropped, counted, and reported by one log.dropped when there is room again.
    void write(Event event);

  private:
    struct Entry {
        Event event;
        Stamp stamp;
    };

    void run();
    void put(Event event);
    void write_out(const Entry& entry);

    LogTarget target_;
    Stamper stamper_;
    std::shared_ptr<spdlog::logger> lines_;
    std::mutex mutex_;
    std::deque<Entry> queue_;   ///< guarded by mutex_
    std::uint64_t dropped_ = 0; ///< guarded by mutex_
    bool stopping_ = false;     ///< guarded by mutex_
    std::counting_semaphore<> ready_{0};
    std::thread thread_;
};

} // namespace sshpermd
