// SendQueue: recorded events on their way to the journal or standard error, whose readers may be
// slow or gone.
#pragma once

#include "event/event.hpp"
#include "events/log.hpp"
#include "events/wakeup.hpp"

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>

namespace sshpermd {

class SendQueue {
  public:
    explicit SendQueue(LogTarget target) : target_(target) {}

    /// Never waits. Beyond 100,000 waiting events the newest are not sent, and counted.
    void add(Event event, std::string line);

    /// How many were not sent since the last call; 0 also as long as there is no room to say so.
    std::uint64_t take_dropped();

    /// Sends until stop(), then what is left; one thread's work, which waits for the readers.
    void run();

    void stop();

    /// run() has come to its end.
    const Wakeup& finished() const { return finished_; }

  private:
    struct Entry {
        Event event;
        std::string line;
    };

    void send(const Entry& entry) const;

    const LogTarget target_;
    Wakeup ready_;
    Wakeup finished_;
    std::mutex mutex_;
    std::deque<Entry> queue_;   ///< guarded by mutex_
    std::uint64_t dropped_ = 0; ///< guarded by mutex_
    bool stopping_ = false;     ///< guarded by mutex_
};

} // namespace sshpermd
