#include "events/record_queue.hpp"

#include "events/daemon_event.hpp"
#include "events/queue_limit.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

namespace sshpermd {
namespace {

constexpr std::size_t most_at_once = 256U << 10U; ///< bytes
constexpr std::chrono::seconds pause{1};

} // namespace

RecordQueue::RecordQueue(RecordFile file, Free free)
    : file_(std::move(file)), free_(std::move(free)) {}

void RecordQueue::add(std::string line, std::optional<std::uint32_t> slot) {
    if (waiting_.size() >= most_waiting) {
        ++lost_;
        return;
    }
    waiting_.push_back({line.append("\n"), slot});
}

void RecordQueue::write(Clock::time_point now, Patience patience) {
    if (waiting_.empty() || (failing_ && now < retry_ && patience == Patience::until_retry))
        return;
    try {
        while (!waiting_.empty())
            write_some();
        has_recovered();
    } catch (const std::system_error& error) {
        retry_ = now + pause;
        if (!std::exchange(failing_, true))
            tell(error.code().value(), "the record (/var/lib/sshpermd/record) takes nothing: "
                                       "repairs go on, their events wait in memory for it");
    }
}

void RecordQueue::write_some() {
    std::string bytes;
    std::size_t count = 0;
    while (count < waiting_.size() &&
           (count == 0 || bytes.size() + waiting_[count].line.size() <= most_at_once))
        bytes += waiting_[count++].line;
    file_.append(bytes);
    for (; count > 0; --count) {
        if (const auto slot = waiting_.front().slot)
            free_(*slot);
        waiting_.pop_front();
    }
}

void RecordQueue::sync(Clock::time_point now, Patience patience) {
    if (!file_.is_dirty() || (now < next_sync_ && patience == Patience::until_retry))
        return;
    next_sync_ = now + pause;
    try {
        file_.sync();
        sync_failing_ = false;
    } catch (const std::system_error& error) {
        if (!std::exchange(sync_failing_, true))
            tell(error.code().value(), "the disk does not make the record "
                                       "(/var/lib/sshpermd/record) durable");
    }
}

std::optional<RecordQueue::Clock::time_point> RecordQueue::next_due() const {
    std::optional<Clock::time_point> due;
    if (!waiting_.empty())
        due = retry_;
    if (file_.is_dirty() && (!due || next_sync_ < *due))
        due = next_sync_;
    return due;
}

void RecordQueue::tell(int number, std::string message) {
    auto event = make_event(EventType::log_dropped, Severity::err, std::move(message));
    event.error = error_of({number, std::generic_category()});
    news_.push_back(std::move(event));
}

void RecordQueue::has_recovered() {
    if (std::exchange(failing_, false))
        news_.push_back(make_event(EventType::daemon_recovered, Severity::info,
                                   "the record takes events again, those that waited, too"));
    if (const auto lost = std::exchange(lost_, 0); lost > 0) {
        auto event =
            make_event(EventType::log_dropped, Severity::err,
                       std::to_string(lost) + " events are not in the record: too many waited");
        event.suppressed = lost;
        news_.push_back(std::move(event));
    }
}

std::optional<Event> RecordQueue::take_news() {
    if (news_.empty())
        return std::nullopt;
    auto event = std::move(news_.front());
    news_.pop_front();
    return event;
}

} // namespace sshpermd
