#include "event_writer.hpp"

#include "system/journal.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <utility>

namespace sshpermd {
namespace {

constexpr std::size_t most_waiting = 100'000;

Event dropped_event(std::uint64_t count) {
    Event event;
    event.type = EventType::log_dropped;
    event.severity = Severity::err;
    event.suppressed = count;
    event.message = std::to_string(count) +
                    " events were not written: their reader was too slow (is journald running?)";
    return event;
}

} // namespace

EventWriter::EventWriter(LogTarget target, std::string version)
    : target_(target),
      stamper_(Source::daemon, std::move(version)),
      lines_(std::make_shared<spdlog::logger>("events",
                                              std::make_shared<spdlog::sinks::stderr_sink_mt>())),
      thread_([this] { run(); }) {
    lines_->set_pattern("%v");
}

EventWriter::~EventWriter() {
    {
        const std::lock_guard guard{mutex_};
        stopping_ = true;
    }
    ready_.release();
    thread_.join();
}

void EventWriter::write(Event event) {
    const std::lock_guard guard{mutex_};
    if (queue_.size() >= most_waiting) {
        ++dropped_;
        return;
    }
    if (dropped_ > 0)
        put(dropped_event(std::exchange(dropped_, 0)));
    put(std::move(event));
}

void EventWriter::put(Event event) {
    queue_.push_back({std::move(event), stamper_.next()});
    ready_.release();
}

void EventWriter::run() {
    for (;;) {
        ready_.acquire();
        std::unique_lock guard{mutex_};
        if (queue_.empty()) {
            if (stopping_)
                return;
            continue;
        }
        const auto entry = std::move(queue_.front());
        queue_.pop_front();
        guard.unlock();
        write_out(entry);
    }
}

void EventWriter::write_out(const Entry& entry) {
    const auto line = to_line(entry.event, entry.stamp);
    const bool in_journal =
        target_.journal && journal_is_running() && send_to_journal(entry.event, line);
    if (target_.standard_error || !in_journal)
        lines_->info(line);
}

} // namespace sshpermd
