// RecordQueue: lines on their way into the record, which may be slow, full or broken.
#pragma once

#include "event/event.hpp"
#include "store/record_file.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>

namespace sshpermd {

/// For one thread. What the disk does not take waits here and is tried again every second; beyond
/// 100,000 lines the newest are lost to the record, and counted.
class RecordQueue {
  public:
    using Clock = std::chrono::steady_clock;
    using Free = std::function<void(std::uint32_t slot)>;

    /// `free` hears of each slot whose line is in the record.
    RecordQueue(RecordFile file, Free free);

    void add(std::string line, std::optional<std::uint32_t> slot);

    enum class Patience { until_retry, none };

    /// Writes what waits, unless the disk has just refused it.
    void write(Clock::time_point now, Patience patience = Patience::until_retry);

    /// Makes it durable, at most once a second.
    void sync(Clock::time_point now, Patience patience = Patience::until_retry);

    /// Did it refuse what was written last?
    bool is_failing() const { return failing_ || sync_failing_; }

    bool is_empty() const { return waiting_.empty(); }

    /// When there is something to write again or to sync, if ever.
    std::optional<Clock::time_point> next_due() const;

    /// What there is to say about the record itself, once.
    std::optional<Event> take_news();

  private:
    struct Waiting {
        std::string line;
        std::optional<std::uint32_t> slot;
    };

    void write_some();
    void has_recovered();
    void tell(int number, std::string message);

    RecordFile file_;
    Free free_;
    std::deque<Waiting> waiting_;
    std::uint64_t lost_ = 0;
    bool failing_ = false;
    bool sync_failing_ = false;
    Clock::time_point retry_{};
    Clock::time_point next_sync_{};
    std::deque<Event> news_;
};

} // namespace sshpermd
