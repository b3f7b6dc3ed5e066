#include "events/send_queue.hpp"

#include "events/queue_limit.hpp"
#include "store/journal.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <utility>

namespace sshpermd {
namespace {

/// Past the C library: at the end of the process it would wait for a thread that is stuck here.
void write_to_stderr(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto wrote = write(STDERR_FILENO, bytes.data(), bytes.size());
        if (wrote > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(wrote));
        } else if (wrote < 0 && errno == EAGAIN) {
            pollfd reader{STDERR_FILENO, POLLOUT, 0};
            poll(&reader, 1, -1);
        } else if (errno != EINTR) {
            return; // nobody reads it any more
        }
    }
}

} // namespace

void SendQueue::add(Event event, std::string line) {
    {
        const std::lock_guard guard{mutex_};
        if (queue_.size() >= most_waiting) {
            ++dropped_;
            return;
        }
        queue_.push_back({std::move(event), std::move(line)});
        if (queue_.size() > 1)
            return; // it is awake
    }
    ready_.signal(); // who wakes finds the mutex free
}

std::uint64_t SendQueue::take_dropped() {
    const std::lock_guard guard{mutex_};
    return queue_.size() < most_waiting ? std::exchange(dropped_, 0) : 0;
}

void SendQueue::stop() {
    const std::lock_guard guard{mutex_};
    stopping_ = true;
    ready_.signal();
}

void SendQueue::run() {
    for (;;) {
        std::unique_lock guard{mutex_};
        if (queue_.empty()) {
            if (stopping_)
                break;
            guard.unlock();
            ready_.wait();
            continue;
        }
        const auto entry = std::move(queue_.front());
        queue_.pop_front();
        guard.unlock();
        send(entry);
    }
    finished_.signal();
}

void SendQueue::send(const Entry& entry) const {
    const bool in_journal =
        target_.journal && journal_is_running() && send_to_journal(entry.event, entry.line);
    if (target_.standard_error || !in_journal)
        write_to_stderr(entry.line + "\n");
}

} // namespace sshpermd
