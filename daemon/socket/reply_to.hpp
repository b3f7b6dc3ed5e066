// Reply to: what the loop answers comes to a connection in the connection's own thread.
#pragma once

#include "exchange.hpp"

#include <boost/asio/post.hpp>

#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace sshpermd {

/// Answers on their way: one is heard, then other connections have their turn, then the next. What
/// is found in 100,000 homes comes in thousands of them.
template <typename Waiting>
class Mailbox : public std::enable_shared_from_this<Mailbox<Waiting>> {
  public:
    explicit Mailbox(std::weak_ptr<Waiting> waiting) : waiting_(std::move(waiting)) {}

    /// Called by any thread.
    void put(Answer answer) {
        auto waiting = waiting_.lock();
        if (!waiting)
            return;
        const std::lock_guard guard{mutex_};
        answers_.push_back(std::move(answer));
        if (answers_.size() == 1)
            hand_over_soon(std::move(waiting));
    }

  private:
    void hand_over_soon(std::shared_ptr<Waiting> waiting) {
        const auto executor = waiting->executor();
        boost::asio::post(
            executor, [self = this->shared_from_this(), waiting = std::move(waiting)]() mutable {
                self->hand_over(std::move(waiting));
            });
    }

    void hand_over(std::shared_ptr<Waiting> waiting) {
        waiting->hear(taken_first());
        std::this_thread::yield(); // the loop may want the processor: a turn lasts milliseconds
        const std::lock_guard guard{mutex_};
        answers_.pop_front();
        if (!answers_.empty())
            hand_over_soon(std::move(waiting));
    }

    /// Its place is kept until it was heard.
    Answer taken_first() {
        const std::lock_guard guard{mutex_};
        return std::move(answers_.front());
    }

    std::weak_ptr<Waiting> waiting_;
    std::mutex mutex_;
    std::deque<Answer> answers_; ///< guarded by mutex_
};

/// Calls hear() of whoever waits, in its executor(); nothing happens when it has gone meanwhile.
template <typename Waiting>
Reply reply_to(std::weak_ptr<Waiting> waiting) {
    return [box = std::make_shared<Mailbox<Waiting>>(std::move(waiting))](Answer answer) {
        box->put(std::move(answer));
    };
}

} // namespace sshpermd
