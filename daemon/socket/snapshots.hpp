// Snapshots: what the loop has told of itself last, for all who ask at once.
#pragma once

#include "exchange.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

namespace sshpermd {

/// In the server's thread. The loop makes one only when somebody asks, only when something has
/// changed, and at most every tenth of a second, however many ask.
class Snapshots {
  public:
    using Take = std::function<void(const Snapshot&)>;

    /// All outlive it.
    Snapshots(boost::asio::io_context& io, const Ask& ask, News news);

    /// Gives one that is as new as this call: now, when nothing has changed since the last was
    /// made, else soon.
    void want(Take take);

  private:
    using Clock = std::chrono::steady_clock;

    void order_in_time();
    void order();
    void arrived(std::shared_ptr<const Snapshot> snapshot);

    boost::asio::io_context& io_;
    const Ask& ask_;
    News news_;
    boost::asio::steady_timer pause_;
    std::shared_ptr<const Snapshot> last_;
    Clock::time_point arrived_{};
    std::vector<Take> waiting_; ///< for the next order
    std::vector<Take> ordered_; ///< for the one under way
    bool is_ordered_ = false;
    std::shared_ptr<const bool> here_ = std::make_shared<const bool>(true); ///< goes with this
};

} // namespace sshpermd
